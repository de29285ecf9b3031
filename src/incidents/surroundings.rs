//! Who shows in the lines around a killed process as keeper of its limit or as launcher: their knobs change what it may use.

use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, FactSource, Flag, Incident, Keeper, Key, Memory, Witness};
use crate::text::{Lane, Line};

/// Words of a line that show one. Small letters.
const SHOWS: [(&str, Keeper); 35] = [
    ("slurm", Keeper::Slurm),
    ("srun:", Keeper::Slurm),
    ("#sbatch", Keeper::Slurm),
    (" sbatch ", Keeper::Slurm),
    ("kubepods", Keeper::Kubernetes),
    ("kubectl", Keeper::Kubernetes),
    ("kubelet", Keeper::Kubernetes),
    ("restart count:", Keeper::Kubernetes),
    ("docker ", Keeper::Docker),
    ("dockerfile", Keeper::Docker),
    ("buildkit", Keeper::Docker),
    ("/home/runner/", Keeper::Github),
    ("github.com/actions", Keeper::Github),
    ("gitlab-runner", Keeper::Gitlab),
    ("gitlab runner", Keeper::Gitlab),
    ("/builds/", Keeper::Gitlab),
    ("(raylet", Keeper::Ray),
    ("ray.exceptions", Keeper::Ray),
    ("ray.init", Keeper::Ray),
    ("ray::", Keeper::Ray),
    ("nvcc ", Keeper::Compiler),
    ("/nvcc", Keeper::Compiler),
    ("cc1plus", Keeper::Compiler),
    ("ninja", Keeper::Compiler),
    ("building cuda object", Keeper::Compiler),
    ("building cxx object", Keeper::Compiler),
    ("running setup.py", Keeper::Compiler),
    ("dataloader", Keeper::DataLoader),
    ("num_workers", Keeper::DataLoader),
    ("/utils/data/", Keeper::DataLoader),
    ("deepspeed", Keeper::DeepSpeed),
    ("zero_optimization", Keeper::DeepSpeed),
    ("pytest", Keeper::Tests),
    ("[gw0]", Keeper::Tests),
    ("gunicorn", Keeper::WebServer),
];

/// Adds to what was killed who shows around it, and how full the host was.
pub(crate) fn look_around(incidents: &mut [Incident], lanes: &[Lane], raw: &[u8]) {
    if incidents
        .iter()
        .all(|incident| incident.memory == Memory::Device)
    {
        return;
    }
    let text = String::from_utf8_lossy(raw).to_lowercase();
    let shown = SHOWS.iter().filter(|(words, _)| text.contains(words));
    let builds = lanes.iter().any(|lane| lane.name.starts_with('#'));
    let shown = shown.map(|(_, keeper)| *keeper);
    let shown: Vec<Keeper> = shown.chain(builds.then_some(Keeper::Docker)).collect();
    let lines = || lanes.iter().flat_map(|lane| &lane.lines);
    let hosted = incidents.iter_mut().filter(|i| i.memory == Memory::Host);
    for incident in hosted {
        let mut before = lines().filter(|line| line.number < incident.place.line);
        let reading = before.by_ref().filter_map(host_reading).last();
        let Some(kill) = &mut incident.kill else {
            continue;
        };
        let asked =
            lines().find_map(|line| asked(line).filter(|(by, _)| kill.keepers.contains(by)));
        let open = incident.facts.get(Key::Limit).is_none() && incident.flags.has(Flag::Cgroup);
        if let Some((_, fact)) = asked.filter(|_| open) {
            incident.facts.insert(Key::Limit, fact);
        }
        kill.keepers.extend(&shown);
        if let Some((fact, full)) = reading {
            // Nobody else had to end it.
            if full && kill.witness == Witness::Signal {
                kill.witness = Witness::Guess;
            }
            if incident.facts.get(Key::HostInUse).is_none() {
                incident.facts.insert(Key::HostInUse, fact);
            }
        }
    }
}

/// The limit that the job's own script or command asks for: `#SBATCH --mem=64G`, `#PBS -l mem=8gb`, `docker run --memory=8g`,
/// `request_memory = 8GB`. Without a unit Slurm and `HTCondor` count in MiB, Docker in bytes.
fn asked(line: &Line) -> Option<(Keeper, Fact)> {
    const ASKS: [(&str, &str, Keeper, u64); 6] = [
        ("#SBATCH ", "--mem=", Keeper::Slurm, 1 << 20),
        ("srun ", "--mem=", Keeper::Slurm, 1 << 20),
        ("sbatch ", "--mem=", Keeper::Slurm, 1 << 20),
        ("#PBS ", "mem=", Keeper::Pbs, 1),
        ("docker run ", "--memory=", Keeper::Docker, 1),
        ("request_memory", "=", Keeper::Condor, 1 << 20),
    ];
    let text = line.text.trim_start_matches(['>', '+', '$', ' ']);
    let (by, value, plain) = ASKS.iter().find_map(|(head, key, by, plain)| {
        let rest = text.strip_prefix(head)?;
        let (_, value) = rest.split_once(key)?;
        Some((*by, value.trim_start(), *plain))
    })?;
    let word = value.split([' ', ',', ':']).next()?;
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = word.split_at_checked(digits)?;
    let each = if unit.is_empty() {
        plain
    } else {
        bytes::unit(unit)?
    };
    let bytes = number.parse::<u64>().ok()?.checked_mul(each)?;
    let fact = Fact {
        bytes: Bytes::exact(bytes),
        text: word.to_owned(),
        line: line.number,
        source: FactSource::Message,
    };
    (bytes > 0).then_some((by, fact))
}

/// "CPU Virtual Memory:  used = 211.40 GB, percent = 84.1%": `DeepSpeed`'s `see_memory_usage` (deepspeed/runtime/utils.py). With
/// it, whether that is nearly all.
fn host_reading(line: &Line) -> Option<(Fact, bool)> {
    /// Behind it stands what the next step takes.
    const NEARLY_ALL: f64 = 80.0;
    let (_, after) = line.text.split_once("CPU Virtual Memory:")?;
    let (_, used) = after.split_once("used = ")?;
    let mut words = used.split([' ', ',']);
    let (number, unit) = (words.next()?, words.next()?);
    let (_, share) = used.split_once("percent = ")?;
    let share: f64 = share.trim_end().trim_end_matches('%').parse().ok()?;
    let fact = Fact {
        bytes: bytes::parse(number, unit)?,
        text: format!("{number} {unit}"),
        line: line.number,
        source: FactSource::Message,
    };
    Some((fact, share >= NEARLY_ALL))
}

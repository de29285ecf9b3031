//! Who shows in the lines around a killed process as keeper of its limit or as launcher: their knobs change what it may use.

use super::{builders, host_reading, requested_memory, side_by_side};
use crate::evidence::{Flag, Incident, Keeper, Key, Memory, Part, RunPlace, Witness};
use crate::text::Lane;

/// Words of a line that show one. Small letters.
const SHOWS: [(&str, Keeper); 62] = [
    ("slurm", Keeper::Slurm),
    ("srun:", Keeper::Slurm),
    ("#sbatch", Keeper::Slurm),
    (" sbatch ", Keeper::Slurm),
    ("kubepods", Keeper::Kubernetes),
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
    ("circleci", Keeper::CircleCi),
    ("circle_ci", Keeper::CircleCi),
    ("##[section]starting:", Keeper::Azure),
    ("n e x t f l o w", Keeper::Nextflow),
    ("localrule ", Keeper::Snakemake),
    ("mem_mb=", Keeper::Snakemake),
    ("celery", Keeper::Celery),
    ("forkpoolworker-", Keeper::Celery),
    ("airflow", Keeper::Airflow),
    ("{taskinstance.py:", Keeper::Airflow),
    ("systemd-oomd", Keeper::Oomd),
    ("spark-kubernetes-executor", Keeper::Yarn),
    ("bazel", Keeper::Bazel),
    ("critical path: ", Keeper::Bazel),
    ("cargo ", Keeper::Cargo),
    ("rustc --crate-name", Keeper::Cargo),
    ("pip install", Keeper::Pip),
    ("pip wheel", Keeper::Pip),
    ("setup.py", Keeper::Pip),
    ("building wheel", Keeper::Pip),
    ("cmake", Keeper::Make),
    ("make: ***", Keeper::Make),
    ("make[", Keeper::Make),
    ("ninja: ", Keeper::Make),
    ("lokybackend", Keeper::Pool),
    ("joblib", Keeper::Pool),
    ("mpirun ", Keeper::Mpi),
    ("mpiexec", Keeper::Mpi),
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
    let kubernetes = shows_kubernetes(&text).then_some(Keeper::Kubernetes);
    let crashed = crashed_test(lanes);
    let asked = requested_memory::all(lanes);
    let counts = side_by_side::counts(&text);
    let builds = lanes.iter().any(|lane| lane.name.starts_with('#'));
    let shown = shown.map(|(_, keeper)| *keeper);
    let shown: Vec<Keeper> = shown
        .chain(builds.then_some(Keeper::Docker))
        .chain(kubernetes)
        .chain(reads_weights(&text).then_some(Keeper::Weights))
        .collect();
    let lines = || lanes.iter().flat_map(|lane| &lane.lines);
    let hosted = incidents.iter_mut().filter(|i| i.memory == Memory::Host);
    for incident in hosted {
        let mut before = lines().filter(|line| line.number < incident.place.line);
        let reading = before.by_ref().filter_map(host_reading::of).last();
        let builds = builders::ran(incident, lanes);
        let Some(kill) = &mut incident.kill else {
            continue;
        };
        kill.keepers.extend(builds.map(|_| Keeper::Compiler));
        kill.keepers.extend(builds);
        kill.keepers.extend(&shown);
        kill.side_by_side.extend(&counts);
        // Schedulers and queues count their own jobs by that word.
        if incident.run.step_name == "task" {
            incident.run = RunPlace::default();
        }
        let open = incident.facts.get(Key::Limit).is_none() && incident.flags.has(Flag::Cgroup);
        if let Some(asks) = requested_memory::nearest(&asked, incident.place.line, &kill.keepers) {
            kill.asked = Some(asks.asked.clone());
            if let Some(fact) = asks.fact.clone().filter(|_| open) {
                incident.facts.insert(Key::Limit, fact);
            }
        }
        if let Some((number, test)) = crashed {
            incident.who.add(Part::Test, test);
            incident.who.add(Part::Worker, format!("gw{number}"));
        }
        if let Some(reading) = reading {
            // Nobody else had to end it.
            if reading.nearly_full && kill.witness == Witness::Signal {
                kill.witness = Witness::Guess;
            }
            for (key, fact) in [(Key::HostInUse, reading.used), (Key::Total, reading.total)] {
                if let Some(fact) = fact.filter(|_| incident.facts.get(key).is_none()) {
                    incident.facts.insert(key, fact);
                }
            }
        }
    }
}

/// "Loading checkpoint shards:  57%": transformers' bar (`modeling_utils.py`), which was not done.
fn reads_weights(text: &str) -> bool {
    let last = text.rsplit_once("loading checkpoint shards:");
    last.is_some_and(|(_, rest)| {
        let done = rest.trim_start().split(['|', ' ', '\n']).next();
        done.is_some_and(|done| done.ends_with('%') && done != "100%")
    })
}

/// True for what shows Kubernetes: its own words, and `kubectl` but for a command that only asks or orders something there, while the
/// work that failed is here.
fn shows_kubernetes(text: &str) -> bool {
    const THERE: [&str; 4] = [
        "kubectl exec",
        "kubectl logs",
        "kubectl run",
        "kubectl attach",
    ];
    text.lines()
        .filter(|line| line.contains("kubectl"))
        .any(|line| {
            let line = line.trim_start_matches(['>', ' ']);
            let typed = ["+ ", "++ ", "$ "]
                .iter()
                .any(|sign| line.starts_with(sign));
            !typed || THERE.iter().any(|command| line.contains(command))
        })
}

/// `worker 'gw2' crashed while running 'tests/test_a.py::test_x'` (pytest-xdist, src/xdist/dsession.py): the test in which a worker was
/// killed, where it is the only one.
fn crashed_test(lanes: &[Lane]) -> Option<(&str, &str)> {
    let lines = lanes.iter().flat_map(|lane| &lane.lines);
    let mut crashes = lines.filter_map(|line| {
        let (_, rest) = line.text.split_once("worker 'gw")?;
        let (number, rest) = rest.split_once("' crashed while running '")?;
        let (test, _) = rest.rsplit_once('\'')?;
        Some((number, test))
    });
    let first = crashes.next()?;
    crashes.all(|other| other == first).then_some(first)
}

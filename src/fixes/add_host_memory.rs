//! The host's memory ran out, not the GPU's, so the job needs more of it or a higher limit.

use super::offering::keepers;
use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, Keeper, Key, Memory, MessageId, Part, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::AddHostMemory,
    cost: "the cluster's or the machine's memory",
    page: include_str!("add-host-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Windows' driver model backs what is on the GPU with RAM and page file (learn.microsoft.com, WDDM: "commitment").
    let paged = s.finding == FindingId::HostPaging;
    // What WSL puts onto the GPU is backed by the memory of its machine, half of Windows' unless told
    // (learn.microsoft.com, "Advanced settings configuration in WSL").
    if s.finding == FindingId::FreeButRefused && s.has(SettingKind::Wsl) {
        let how = "memory=NGB  # in %UserProfile%\\.wslconfig, under [wsl2]: more than now; then wsl --shutdown\n# the GPU had room: what WSL gives it is backed by memory of its own machine";
        return Some(Offer::unmeasured(how).titled("Give WSL more memory"));
    }
    if s.incident.memory != Memory::Host && !paged {
        return None;
    }
    if paged {
        let how = "SystemPropertiesAdvanced  # Virtual memory: a larger page file";
        let offer = Offer::unmeasured(how).titled("Make Windows' page file larger");
        return Some(offer.costing("room on a disk"));
    }
    if s.incident.format == MessageId::TorchSharedMemory {
        let how = "sysctl -w vm.max_map_count=262144  # as root, on the host; 65530 unless set\n# or fewer tensors in a sample: one array in place of a list of them";
        let offer = Offer::unmeasured(how).titled("Allow more memory maps".to_owned());
        return Some(offer.costing("nothing"));
    }
    let how = if s.has(SettingKind::Windows) {
        "SystemPropertiesAdvanced  # Virtual memory: a larger page file".to_owned()
    } else {
        lines(s).join("\n")
    };
    Some(Offer::unmeasured(how))
}

/// The setting of each one who keeps a limit here, in the order of how closely it keeps this process: first the line of the job's own
/// script, changed.
fn lines(s: &Situation<'_>) -> Vec<String> {
    let need = need(s);
    let asked = s
        .incident
        .kill
        .as_ref()
        .and_then(|kill| kill.asked.as_ref());
    let asked = asked.filter(|asked| s.kept_by(asked.of));
    let of_a_job = s.kept_by(Keeper::Gitlab) && s.kept_by(Keeper::Kubernetes);
    let told = |keeper: Keeper| {
        asked.is_some_and(|asked| asked.of == keeper || asked.of == Keeper::Snakemake)
            || of_a_job && matches!(keeper, Keeper::Gitlab | Keeper::Kubernetes)
            || keeper == Keeper::Docker && (s.kept_by(Keeper::Nomad) || s.kept_by(Keeper::Gitlab))
            // What reached the limit is the pod of the task, and no worker.
            || keeper == Keeper::Airflow && s.kept_by(Keeper::Kubernetes)
            // It ends whole control groups when the machine is full, whatever limit a unit has.
            || keeper == Keeper::Systemd && s.kept_by(Keeper::Oomd)
            // Spark and Flyte write the limits of their pods themselves.
            || keeper == Keeper::Kubernetes && (s.kept_by(Keeper::Yarn) || s.kept_by(Keeper::Flyte))
    };
    let knobs = keepers::KNOBS
        .iter()
        .filter(|(keeper, _, _)| s.kept_by(*keeper) && !told(*keeper))
        .map(|(keeper, with, without)| match need {
            Some(gib) if *keeper == Keeper::Yarn => keepers::overhead(gib, s),
            Some(gib) if *keeper == Keeper::CircleCi => keepers::class(gib),
            Some(gib) if *keeper == Keeper::Bitbucket => keepers::size(gib),
            Some(gib) if *keeper == Keeper::Heroku => keepers::dyno(gib, s),
            _ if *keeper == Keeper::Kubernetes && evicted(s) => keepers::request(need),
            Some(gib) => {
                let mib = gib.saturating_mul(1024).to_string();
                let with = with.replace("{n}", &gib.to_string()).replace("{m}", &mib);
                with_job(&with, s)
            }
            None => with_job(without, s),
        });
    let asked = asked.and_then(|asked| keepers::changed(asked, s));
    let of_a_job = of_a_job.then(|| match need {
        Some(gib) => format!("KUBERNETES_MEMORY_LIMIT: {gib}Gi  # variables: of the job, if the runner allows it (memory_limit_overwrite_max_allowed)"),
        None => "KUBERNETES_MEMORY_LIMIT: ...  # variables: of the job, if the runner allows it (memory_limit_overwrite_max_allowed)".to_owned(),
    });
    let of_a_runner = s.kept_by(Keeper::Gitlab) && s.kept_by(Keeper::Docker);
    let mut lines: Vec<String> = asked
        .into_iter()
        .chain(of_a_job)
        .chain(knobs)
        .chain(of_a_runner.then(|| runner(need)))
        .take(2)
        .collect();
    if lines.is_empty() {
        lines.push(match (s.finding, need) {
            (FindingId::Cgroup, Some(gib)) => format!("docker run --memory={gib}g ...\n# or the limit of what started it"),
            (_, Some(gib)) => format!("a host with {gib} GiB of RAM or more, or swap"),
            (_, None) if s.incident.framework.buffers() => {
                "more RAM or swap, or a higher limit of the container\n# WSL: memory= under [wsl2] in .wslconfig".to_owned()
            }
            (_, None) => "more RAM or swap, or a higher limit of the container or job".to_owned(),
        });
    }
    lines
}

/// The limit that a runner of GitLab gives its jobs' containers (docs.gitlab.com/runner/configuration/advanced-configuration,
/// "The `[runners.docker]` section").
fn runner(need: Option<u64>) -> String {
    let memory = need.map_or_else(|| "...".to_owned(), |gib| format!("\"{gib}g\""));
    format!(
        "memory = {memory}  # under [runners.docker] in config.toml, if the runner is yours and sets one"
    )
}

/// True where a node that ran low put the pod out: a higher limit would let it take more from the same node.
fn evicted(s: &Situation<'_>) -> bool {
    s.finding == FindingId::OomKiller && s.incident.format == MessageId::KubernetesOom
}

/// The line with the job's own number and the task's own name, where the log names them.
fn with_job(line: &str, s: &Situation<'_>) -> String {
    let who = &s.incident.who;
    let task = who.get(Part::Task).and_then(|task| task.split(" (").next());
    let line = &line.replace("TASK", task.unwrap_or("NAME"));
    let line = &who.get(Part::Pod).map_or_else(
        || line.clone(),
        |pod| line.replace("top pod POD", &format!("top pod {pod}")),
    );
    let line = &who
        .get(Part::Service)
        .map_or_else(|| line.clone(), |unit| line.replace("UNIT", unit));
    let step = || who.get(Part::Step)?.split_once('.').map(|(job, _)| job);
    match who.get(Part::Job).or_else(step) {
        Some(job) if job.bytes().all(|b| b.is_ascii_digit()) => line.replace("JOB", job),
        _ => line.clone(),
    }
}

/// What a process holds of which a machine runs full.
const LEAST: u64 = 1 << 30;

/// GiB that are certain to be more than what the log shows to have been too little: half as much again as a limit or what the
/// process held, a quarter as much again as the machine.
fn need(s: &Situation<'_>) -> Option<u64> {
    let size = |key| s.incident.facts.get(key).map(Bytes::mid);
    let own = size(Key::Limit)
        .into_iter()
        .chain(size(Key::ProcessInUse))
        .max();
    // Of a machine that is full, what a small process held tells nothing.
    let tells = |bytes: &u64| s.finding == FindingId::Cgroup || *bytes >= LEAST;
    let own = own
        .filter(tells)
        .map(|bytes| bytes.saturating_add(bytes / 2));
    let host = size(Key::Total).or_else(|| size(Key::HostInUse));
    let host = host.map(|bytes| bytes.saturating_add(bytes / 4));
    let most = own.into_iter().chain(host).max()?;
    // A figure that is a hair above a whole one is that one: a job is ended when it is just over its limit.
    let whole = 1u64 << 30;
    let hair = if most > 4 * whole { whole / 4 } else { 0 };
    Some(most.saturating_sub(hair).div_ceil(whole).max(1))
}

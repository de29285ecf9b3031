//! The host's memory ran out, not the GPU's, so the job needs more of it or a higher limit.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, Keeper, Key, Memory, Part, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::AddHostMemory,
    cost: "the cluster's or the machine's memory",
    page: include_str!("add-host-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.memory != Memory::Host {
        return None;
    }
    let how = if s.has(SettingKind::Windows) {
        "SystemPropertiesAdvanced  # Virtual memory: a larger page file".to_owned()
    } else {
        lines(s).join("\n")
    };
    Some(Offer::unmeasured(how))
}

/// The setting of each one who keeps a limit here, in the order of how closely it keeps this process.
fn lines(s: &Situation<'_>) -> Vec<String> {
    let need = need(s);
    let mut lines: Vec<String> = KNOBS
        .iter()
        .filter(|(keeper, _, _)| s.kept_by(*keeper))
        .map(|(_, with, without)| match need {
            Some(gib) => with.replace("{n}", &gib.to_string()),
            None => with_job(without, s),
        })
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

/// Who keeps a limit, with its setting where the log tells how much is needed, and where it does not.
const KNOBS: [(Keeper, &str, &str); 14] = [
    (
        Keeper::Dask,
        "LocalCluster(memory_limit=\"{n}GiB\")  # dask worker --memory-limit {n}GiB",
        "LocalCluster(memory_limit=...)  # dask worker --memory-limit",
    ),
    (
        Keeper::Notebook,
        "a runtime with {n} GiB of RAM or more",
        "a runtime with more RAM  # Colab: Change runtime type, High-RAM",
    ),
    (
        Keeper::Kubernetes,
        "resources.limits.memory: {n}Gi  # and requests.memory",
        "resources.limits.memory  # above what it holds: kubectl top pod POD",
    ),
    (
        Keeper::Slurm,
        "#SBATCH --mem={n}G",
        "#SBATCH --mem=...  # above MaxRSS of: sacct -j JOB --format=JobID,MaxRSS,ReqMem",
    ),
    (
        Keeper::Pbs,
        "#PBS -l mem={n}gb",
        "#PBS -l mem=...  # above resources_used.mem of: qstat -f JOB",
    ),
    (
        Keeper::Lsf,
        "#BSUB -M {n}GB",
        "#BSUB -M ...  # above MAX MEM of: bjobs -l JOB",
    ),
    (
        Keeper::Condor,
        "request_memory = {n}GB",
        "request_memory = ...  # above MemoryUsage of: condor_history -l JOB",
    ),
    (
        Keeper::GridEngine,
        "#$ -l h_vmem={n}G",
        "#$ -l h_vmem=...  # above maxvmem of: qacct -j JOB",
    ),
    (
        Keeper::Yarn,
        "spark.executor.memoryOverhead={n}g",
        "spark.executor.memoryOverhead  # or spark.executor.memory",
    ),
    (
        Keeper::Systemd,
        "MemoryMax={n}G  # in the [Service] section",
        "MemoryMax=...  # in the [Service] section: systemctl edit UNIT",
    ),
    (
        Keeper::Docker,
        "docker run --memory={n}g ...",
        "docker run --memory=...  # above what docker stats shows; Docker Desktop: Settings, Resources",
    ),
    (
        Keeper::Cloud,
        "a machine type or task definition with {n} GiB or more",
        "a machine type or task definition with more memory",
    ),
    (
        Keeper::Github,
        "runs-on: a larger runner  # with {n} GB of RAM or more",
        "runs-on: a larger runner  # a standard one has 16 GB of RAM, 7 GB for private repositories",
    ),
    (
        Keeper::Gitlab,
        "tags: [a larger runner]  # with {n} GB of RAM or more",
        "tags: [a larger runner]  # gitlab.com: saas-linux-large-amd64",
    ),
];

/// The line with the job's own number, where the log names it.
fn with_job(line: &str, s: &Situation<'_>) -> String {
    let who = &s.incident.who;
    let step = || who.get(Part::Step)?.split_once('.').map(|(job, _)| job);
    match who.get(Part::Job).or_else(step) {
        Some(job) if job.bytes().all(|b| b.is_ascii_digit()) => line.replace("JOB", job),
        _ => line.to_owned(),
    }
}

/// GiB that are certain to be more than what the log shows to have been too little: half as much again as a limit or what the
/// process held, a quarter as much again as the machine.
fn need(s: &Situation<'_>) -> Option<u64> {
    let size = |key| s.incident.facts.get(key).map(Bytes::high);
    let own = size(Key::Limit)
        .into_iter()
        .chain(size(Key::ProcessInUse))
        .max();
    let own = own.map(|bytes| bytes.saturating_add(bytes / 2));
    let host = size(Key::Total).or_else(|| size(Key::HostInUse));
    let host = host.map(|bytes| bytes.saturating_add(bytes / 4));
    let most = own.into_iter().chain(host).max()?;
    Some(most.div_ceil(1 << 30).max(1))
}

//! How each one who keeps memory within a limit is asked for more of it.

use super::situation::Situation;
use crate::bytes::Bytes;
use crate::evidence::{Asked, Keeper, Key};

/// Who keeps a limit, with its setting where the log tells how much is needed, and where it does not.
pub(in crate::fixes) const KNOBS: [(Keeper, &str, &str); 25] = [
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
        Keeper::Yarn,
        "spark.executor.memoryOverhead={n}g",
        "spark.executor.memoryOverhead  # or spark.executor.memory",
    ),
    (
        Keeper::Snakemake,
        "resources: mem_mb={n}000  # of the rule",
        "resources: mem_mb=...  # of the rule; what it took: benchmark:, max_rss",
    ),
    (
        Keeper::Nextflow,
        "process { withName: 'TASK' { memory = '{n} GB' } }  # in nextflow.config; locally also maxForks = 1",
        "process { withName: 'TASK' { memory = ... } }  # in nextflow.config, above peak_rss of: nextflow log; locally also maxForks = 1",
    ),
    (
        Keeper::Flyte,
        "@task(limits=Resources(mem=\"{n}Gi\"))",
        "@task(limits=Resources(mem=...))  # above what it holds: kubectl top pod POD",
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
        Keeper::Oomd,
        "a host with {n} GiB of RAM or more, or more swap\n# then it ends this program alone: systemd-run --user --scope CMD",
        "more RAM or swap\n# then it ends this program alone: systemd-run --user --scope CMD",
    ),
    (
        Keeper::Systemd,
        "MemoryMax={n}G  # in the [Service] section",
        "MemoryMax=...  # in the [Service] section: systemctl edit UNIT",
    ),
    (
        Keeper::CircleCi,
        "",
        "resource_class: a larger one  # with the Docker executor medium has 4 GB, large 8, xlarge 16, 2xlarge 32",
    ),
    (
        Keeper::Bitbucket,
        "size: 4x  # of the step: 16 GB; 2x has 8, 1x has 4, which its services share",
        "size: 2x  # of the step: 8 GB in place of 4; 4x has 16",
    ),
    (
        Keeper::Databricks,
        "a driver with {n} GB of RAM or more",
        "a driver with more RAM  # Compute, Driver type; the GPU's memory is another",
    ),
    (
        Keeper::Dagster,
        "execution: config: multiprocess: max_concurrent: 1  # fewer steps at once",
        "execution: config: multiprocess: max_concurrent: 1  # fewer steps at once",
    ),
    (
        Keeper::Azure,
        "pool: an agent with {n} GB of RAM or more",
        "pool: an agent with more RAM  # one that Microsoft hosts has 7 GB",
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
    (
        Keeper::Airflow,
        "a worker with {n} GiB or more, or fewer tasks on it: AIRFLOW__CELERY__WORKER_CONCURRENCY",
        "a worker with more memory, or fewer tasks on it: AIRFLOW__CELERY__WORKER_CONCURRENCY  # 16 unless set",
    ),
    (
        Keeper::Celery,
        "a worker with {n} GiB or more, or fewer children: celery worker --concurrency=...",
        "a worker with more memory, or fewer children: celery worker --concurrency=...  # one a core unless set",
    ),
];

/// The line that asks for memory with half as much again, or as much as what was held needs.
pub(in crate::fixes) fn changed(asked: &Asked, s: &Situation<'_>) -> Option<String> {
    let size = |key| s.incident.facts.get(key).map(Bytes::mid);
    let held = size(Key::ProcessInUse).zip(size(Key::Limit));
    let (over, limit) = held
        .filter(|(held, limit)| held > limit && *limit > 0)
        .unwrap_or((1, 1));
    let asked_for = u128::from(asked.number);
    // Rounded to the nearest, and never to what was not enough.
    let part = u128::from(limit) * 2;
    let number = (asked_for * u128::from(over) * 3 + part / 2) / part;
    let number = number.max(asked_for + 1);
    let ends: &[char] = if asked.of == Keeper::Snakemake {
        &['#', ',']
    } else {
        &['#']
    };
    let own = asked.after.split(ends).next().unwrap_or_default();
    let whose = asked.whose.as_ref().map(|whose| format!("of {whose}; "));
    (number <= u128::from(u64::MAX)).then(|| {
        format!(
            "{}{number}{}  # {}{} was not enough",
            asked.before,
            own.trim_end(),
            whose.unwrap_or_default(),
            asked.value()
        )
    })
}

/// The class of `CircleCI`'s Docker executor with so much memory (circleci.com/docs, "Configuration reference", `resource_class`).
pub(in crate::fixes) fn class(gib: u64) -> String {
    const CLASSES: [(&str, u64); 4] =
        [("medium", 4), ("large", 8), ("xlarge", 16), ("2xlarge", 32)];
    match CLASSES.iter().find(|(_, has)| *has >= gib) {
        Some((name, has)) => format!("resource_class: {name}  # {has} GB with the Docker executor"),
        None => format!("resource_class: a machine or a runner of your own with {gib} GB or more"),
    }
}

//! How each one who keeps memory within a limit is asked for more of it.

use super::situation::Situation;
use crate::bytes::Bytes;
use crate::evidence::{Asked, Keeper, Key, Part};

/// Who keeps a limit, with its setting where the log tells how much is needed, and where it does not.
pub(in crate::fixes) const KNOBS: [(Keeper, &str, &str); 38] = [
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
    // flux-config-exec(5), "sdexec-properties"; flux-run(1).
    (
        Keeper::Flux,
        "MemoryMax = \"{n}G\"  # [exec.sdexec-properties] of the instance; else fewer tasks on a node: flux run --tasks-per-node=1",
        "flux run --tasks-per-node=1  # fewer tasks on a node, or a higher MemoryMax in [exec.sdexec-properties] of the instance",
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
        "MemoryMax={n}G  # systemctl edit UNIT; it then needs as much of the host",
        "MemoryMax=...  # if it has one: systemctl show -p MemoryMax UNIT; else more RAM",
    ),
    (
        Keeper::CircleCi,
        "",
        "resource_class: a larger one  # with the Docker executor medium has 4 GB, large 8, xlarge 16, 2xlarge 32",
    ),
    (
        Keeper::Bitbucket,
        "",
        "size: 2x  # of the step: 8 GB in place of 4, which its services share; 4x has 16, 8x 32",
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
        Keeper::Heroku,
        "",
        "heroku ps:type TYPE=...  # standard-1x has 512 MB, standard-2x 1 GB, performance-m 2.5, performance-l 14",
    ),
    (
        Keeper::Lambda,
        "aws lambda update-function-configuration --function-name NAME --memory-size {m}  # MB, at most 10240",
        "aws lambda update-function-configuration --function-name NAME --memory-size ...  # above Max Memory Used of its REPORT line",
    ),
    (
        Keeper::CloudRun,
        "gcloud run services update SERVICE --memory {n}Gi",
        "gcloud run services update SERVICE --memory ...  # 512Mi unless set",
    ),
    (
        Keeper::Nomad,
        "resources { memory = {m} }  # of the task, in MB; memory_max for more at times",
        "resources { memory = ... }  # of the task, in MB, above what it holds: nomad alloc status -stats ALLOC",
    ),
    (
        Keeper::Woodpecker,
        "WOODPECKER_BACKEND_DOCKER_LIMIT_MEM={n}g  # of the agent; in Kubernetes resources.limits.memory of the step's backend_options",
        "WOODPECKER_BACKEND_DOCKER_LIMIT_MEM=...  # of the agent; in Kubernetes resources.limits.memory of the step's backend_options",
    ),
    (
        Keeper::Cromwell,
        "runtime { memory: \"{n} GB\" }  # of the task TASK",
        "runtime { memory: ... }  # of the task TASK",
    ),
    (
        Keeper::Jenkins,
        "an agent with {n} GB of RAM or more",
        "an agent with more RAM, or fewer executors on it",
    ),
    (
        Keeper::TeamCity,
        "an agent with {n} GB of RAM or more",
        "an agent with more RAM  # or fewer agents on its machine",
    ),
    (
        Keeper::Prefect,
        "a worker with {n} GiB or more, or fewer runs at once: prefect worker start --pool POOL --limit 1",
        "a worker with more memory, or fewer runs at once: prefect worker start --pool POOL --limit 1",
    ),
    (
        Keeper::Wsl,
        "memory={n}GB  # under [wsl2] in %UserProfile%\\.wslconfig, then wsl --shutdown",
        "memory=...  # under [wsl2] in %UserProfile%\\.wslconfig, then wsl --shutdown; half of the RAM unless set",
    ),
    (
        Keeper::Uwsgi,
        "uwsgi --processes ...  # fewer of them, or a host with {n} GiB or more",
        "uwsgi --processes ...  # fewer of them: each loads the model",
    ),
    (
        Keeper::WebServer,
        "gunicorn --workers ...  # fewer of them, or a host with {n} GiB or more",
        "gunicorn --workers ...  # fewer of them: each loads the model, unless --preload",
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
        "runs-on: a larger runner  # a standard one has 16 GB of RAM, 8 GB for private repositories",
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

/// What a pod asks for, which the kubelet holds against what it uses when a node runs low: those above it go first
/// (kubernetes.io, "Node-pressure Eviction").
pub(in crate::fixes) fn request(need: Option<u64>) -> String {
    match need {
        Some(gib) => format!(
            "resources.requests.memory: {gib}Gi  # a node that runs low puts pods out that use more than they asked for"
        ),
        None => "resources.requests.memory: ...  # above what it uses (kubectl top pod POD): pods that use more go first".to_owned(),
    }
}

/// What Spark adds to the heap, for a container of so many GiB: the limit was the heap and a tenth of it (spark.apache.org,
/// "Configuration", `spark.executor.memoryOverhead`).
pub(in crate::fixes) fn overhead(gib: u64, s: &Situation<'_>) -> String {
    let limit = s.incident.facts.get(Key::Limit).map(Bytes::mid);
    let heap = limit.map(|limit| limit / 11 * 10);
    let more = heap.map(|heap| (gib << 30).saturating_sub(heap).div_ceil(1 << 30));
    match more.filter(|more| (1..gib).contains(more)) {
        Some(more) => format!(
            "spark.executor.memoryOverhead={more}g  # the container then has about {gib} GB; before Spark 2.3: spark.yarn.executor.memoryOverhead"
        ),
        None => format!("spark.executor.memoryOverhead={gib}g"),
    }
}

/// The size of a step of Bitbucket with so much memory, which its services share (support.atlassian.com, "Step options", `size`).
pub(in crate::fixes) fn size(gib: u64) -> String {
    const SIZES: [(&str, u64); 4] = [("2x", 8), ("4x", 16), ("8x", 32), ("16x", 64)];
    match SIZES.iter().find(|(_, has)| *has >= gib) {
        Some((name, has)) => {
            format!("size: {name}  # of the step: {has} GB, which its services share")
        }
        None => format!("a runner of your own with {gib} GB or more"),
    }
}

/// The type of Heroku's dynos with so much memory (devcenter.heroku.com, "Dyno Types").
pub(in crate::fixes) fn dyno(gib: u64, s: &Situation<'_>) -> String {
    const TYPES: [(&str, &str, u64); 6] = [
        ("standard-2x", "1", 1),
        ("performance-m", "2.5", 2),
        ("performance-l", "14", 14),
        ("performance-l-ram", "30", 30),
        ("performance-xl", "62", 62),
        ("performance-2xl", "126", 126),
    ];
    // Of "worker.1" the first word is what is scaled.
    let dyno = s.incident.who.get(Part::Worker);
    let kind = dyno.and_then(|dyno| dyno.split('.').next());
    let kind = kind.unwrap_or("TYPE");
    match TYPES.iter().find(|(_, _, has)| *has >= gib) {
        Some((name, has, _)) => format!("heroku ps:type {kind}={name}  # {has} GB"),
        None => format!("a machine with {gib} GB or more: dynos have up to 126"),
    }
}

/// The class of `CircleCI`'s Docker executor with so much memory (circleci.com/docs, "Configuration reference", `resource_class`).
pub(in crate::fixes) fn class(gib: u64) -> String {
    const CLASSES: [(&str, u64); 6] = [
        ("medium", 4),
        ("medium+", 6),
        ("large", 8),
        ("xlarge", 16),
        ("2xlarge", 32),
        ("2xlarge+", 40),
    ];
    match CLASSES.iter().find(|(_, has)| *has >= gib) {
        Some((name, has)) => format!("resource_class: {name}  # {has} GB with the Docker executor"),
        None => format!("resource_class: a machine or a runner of your own with {gib} GB or more"),
    }
}

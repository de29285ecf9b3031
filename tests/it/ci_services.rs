//! What services, workflow managers and queues say of a kill, and how each is asked for more memory in its own words.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::evidence::Part;
use whyoom::report::view::headline;

fn found(log: &str) -> Vec<Explained> {
    diagnose("job.log", log.as_bytes()).incidents
}

/// "The host ran out of memory: pod fit-0 | proven | resources.limits.memory", of each failure.
fn told(log: &str) -> Vec<String> {
    let words = |one: &Explained| {
        let fix = one
            .fixes
            .first()
            .map(|fix| fix.offer.how.clone())
            .unwrap_or_default();
        let confidence = one.causes[0].verdict.confidence.name();
        format!("{} | {confidence} | {fix}", headline(one, usize::MAX))
    };
    found(log).iter().map(words).collect()
}

/// A word, and what its report begins with.
const WORDS: &[(&str, &str)] = &[
    (
        "[2026-01-02 03:04:05] CRITICAL - Process terminated by signal. For more information, see https://airflow.apache.org/docs/apache-airflow/stable/troubleshooting.html#TaskRunner-killed signal=-9 signal_name=SIGKILL source=task",
        "A process was killed | possible | a worker with more memory, or fewer tasks on it: AIRFLOW__CELERY__WORKER_CONCURRENCY",
    ),
    (
        "[2026-01-02 03:04:05] CRITICAL - Process terminated by signal. Likely out of memory error (OOM). signal=-9 signal_name=SIGKILL",
        "The host ran out of memory | likely | a worker with more memory",
    ),
    (
        "[2026-01-02, 03:04:05 UTC] {local_task_job.py:150} INFO - Task exited with return code Negsignal.SIGKILL",
        "A process was killed | possible | a worker with more memory",
    ),
    (
        "error: index-pack died of signal 9\nfatal: index-pack failed",
        "A process was killed: index-pack | possible | more RAM",
    ),
    (
        "Received \"killed\" signal",
        "A process was killed | possible | resource_class: a larger one",
    ),
    (
        "2026-01-02T03:04:05.6Z ##[error]Exit code 137 returned from process: file name '/usr/bin/docker', arguments 'exec x'.",
        "A process was killed | possible | pool: an agent with more RAM",
    ),
    (
        "UnexpectedStatusException: Error for Training job fit-1: Failed. Reason: AlgorithmError: , exit code: 137",
        "A process was killed | possible | a machine type",
    ),
    (
        "Container 'Build' exceeded memory limit.",
        "The host ran out of memory: container Build | proven | size: 2x",
    ),
    (
        "Fatal error: The Python kernel is unresponsive. The Python process exited with exit code 137 (SIGKILL: Killed). This may have been caused by an OOM error.",
        "The host ran out of memory | likely | a driver with more RAM",
    ),
    (
        "Multiprocess executor: child process for step fit unexpectedly exited with code -9",
        "A process was killed: task fit | possible | execution: config: multiprocess: max_concurrent: 1",
    ),
    (
        "UncompletedJobError: Job 4711 (task: 0) with path /x/4711_0_result.pkl\nhas not produced any output (state: OUT_OF_MEMORY)",
        "The host ran out of memory: job 4711 | proven | #SBATCH --mem=...  # above MaxRSS of: sacct -j 4711",
    ),
    (
        "failed assumedly after job because:\njob 31.1 died through signal KILL (9)",
        "A process was killed: job 31 | possible | #$ -l h_vmem=...  # above maxvmem of: qacct -j 31",
    ),
    (
        "Jan  2 03:04:05 box systemd[2010]: fit.scope: systemd-oomd killed 38 process(es) in this unit.",
        "The host ran out of memory: service fit.scope, host box | proven | more RAM or swap",
    ),
    (
        "JobId=31 JobName=fit\n   JobState=OUT_OF_MEMORY Reason=OutOfMemory Dependency=(null)\n   BatchHost=n4\n   NumNodes=1 NumCPUs=8\n   \
         TRES=cpu=8,mem=32G,node=1,billing=8",
        "The host ran out of memory: job 31, host n4 | proven | #SBATCH --mem=48G",
    ),
    (
        "bash: line 1:   18 Killed                  python -m pytest tests -n 8\nExited with code exit status 137",
        "A process was killed | possible | pytest -n 4",
    ),
];

#[test]
fn each_word_of_a_service_is_read_and_answered_in_its_own_terms() {
    for (log, expected) in WORDS {
        let all = told(log);
        assert_eq!(all.len(), 1, "{log}\n{all:?}");
        assert!(
            all[0].starts_with(expected),
            "{log}\n{}\n{expected}",
            all[0]
        );
    }
}

/// A line that asks for memory, who tells that it was not enough, and the line as it should be.
const ASKED: &[(&str, &str, &str)] = &[
    (
        "#SBATCH --mem-per-cpu=4G",
        SLURM,
        "#SBATCH --mem-per-cpu=6G  # 4G was not enough",
    ),
    (
        "+ sbatch --mem-per-cpu=4000 -c 8 fit.sh",
        SLURM,
        "sbatch --mem-per-cpu=6000 -c 8 fit.sh  # 4000 was not enough",
    ),
    (
        "#SBATCH --mem-per-gpu 30G  # each",
        SLURM,
        "#SBATCH --mem-per-gpu 45G  # 30G was not enough",
    ),
    (
        "#PBS -l select=1:ncpus=8:mem=16gb",
        PBS,
        "#PBS -l select=1:ncpus=8:mem=24gb  # 16gb was not enough",
    ),
    (
        "#PBS -l mem=500mb",
        PBS,
        "#PBS -l mem=750mb  # 500mb was not enough",
    ),
    (
        "#BSUB -M 8000",
        "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.",
        "#BSUB -M 12000  # 8000 was not enough",
    ),
    (
        "request_memory = 7",
        "Job has gone over memory limit of 7 megabytes. Last measured usage: 7 megabytes.",
        "request_memory = 11  # 7 was not enough",
    ),
    (
        "#$ -l h_vmem=8G,gpu=1",
        "job 31.1 exceeded job hard limit \"h_vmem\" of queue \"all.q@n1\" (9.0G > limit:8.0G) - sending SIGKILL",
        "#$ -l h_vmem=14G,gpu=1  # 8G was not enough",
    ),
];
const SLURM: &str = "slurmstepd: error: Detected 1 oom_kill event in StepId=31.batch. Some of the step tasks have been OOM Killed.";
const PBS: &str = "=>> PBS: job killed: mem 16777300kb exceeded limit 16777216kb";

#[test]
fn the_line_of_the_job_that_asks_for_memory_is_given_back_changed() {
    for (asked, witness, expected) in ASKED {
        let one = found(&format!("{asked}\n{witness}\n")).remove(0);
        assert_eq!(one.fixes[0].offer.how, *expected, "{asked}");
    }
    let of_two = "localrule fold:\n    resources: mem_mb=6000, disk_mb=1\n".to_owned()
        + SLURM
        + "\nrule fold:\n    resources: mem_mb=12000, disk_mb=1\n"
        + &SLURM.replace("31.batch", "32.batch");
    let all = told(&of_two);
    assert!(
        all[0].ends_with("resources: mem_mb=9000  # of rule fold; 6000 was not enough"),
        "{all:?}"
    );
    assert!(
        all[1].ends_with("resources: mem_mb=18000  # of rule fold; 12000 was not enough"),
        "{all:?}"
    );
}

#[test]
fn steps_of_one_job_that_follow_each_other_are_each_a_failure() {
    let step = |step: &str| SLURM.replace("31.batch", step);
    let retried = found(&format!(
        "{}\nTrying to restart job 0.\n{}\n",
        step("31.4"),
        step("31.5")
    ));
    assert_eq!(retried.len(), 2);
    // The batch script is the step around its program's.
    let one = found(&format!("{}\n{}\n", step("31.0"), step("31.batch")));
    assert_eq!(one.len(), 1);
}

#[test]
fn a_command_that_only_asks_names_neither_the_program_nor_the_keeper() {
    let asked = "+ python launch.py\n+ kubectl get pods\nNAME          READY   STATUS      RESTARTS   AGE\n\
        trainer-0     0/1     OOMKilled   3          12m\n";
    let one = found(asked).remove(0);
    assert_eq!(one.incident.who.get(Part::Program), None);
    assert_eq!(one.incident.who.get(Part::Pod), Some("trainer-0"));
    let ran = "+ kubectl exec fit-0 -- python fit.py\ncommand terminated with exit code 137\n";
    let one = found(ran).remove(0);
    assert_eq!(one.incident.who.get(Part::Program), Some("python fit.py"));
    assert!(
        one.fixes[0]
            .offer
            .how
            .starts_with("resources.limits.memory")
    );
    // It only ordered something there; what was killed ran here.
    let here = "+ kubectl apply -f job.yaml\n+ python prepare.py\nKilled\n";
    let one = found(here).remove(0);
    assert!(
        !one.fixes[0].offer.how.contains("limits.memory"),
        "{}",
        one.fixes[0].offer.how
    );
    assert_eq!(
        one.incident.who.get(Part::Program),
        Some("python prepare.py")
    );
}

#[test]
fn a_killed_worker_of_the_tests_names_its_test_unless_several_crashed() {
    const KERNEL: &str = "[ 100.3] Out of memory: Killed process 88 (python) total-vm:20000000kB, anon-rss:8100000kB, file-rss:100kB, \
        shmem-rss:0kB\n";
    let crash = |worker: u32, test: &str| {
        format!("worker 'gw{worker}' crashed while running 'tests/test_a.py::{test}'\n")
    };
    let one = found(&format!("{}{KERNEL}", crash(2, "test_x[1]"))).remove(0);
    assert_eq!(
        one.incident.who.get(Part::Test),
        Some("tests/test_a.py::test_x[1]")
    );
    let two = found(&format!(
        "{}{}{KERNEL}",
        crash(2, "test_x"),
        crash(3, "test_y")
    ))
    .remove(0);
    assert_eq!(two.incident.who.get(Part::Test), None);
}

#[test]
fn a_limit_of_three_is_memory_only_where_the_job_held_it() {
    let record = |held: &str| {
        format!(
            "failed       37  : qmaster enforced h_rt, h_cpu, or h_vmem limit\nexit_status  137\nmaxvmem      {held}\nhard_resources h_vmem=32G\n"
        )
    };
    assert_eq!(found(&record("31.998G")).len(), 1);
    assert!(found(&record("4.100G")).is_empty());
    // What is asked for is that of a slot.
    let slots = |held| format!("slots        2\n{}", record(held));
    assert!(found(&slots("33.000G")).is_empty());
    let one = found(&slots("63.900G")).remove(0);
    assert!(
        one.incident
            .facts
            .get(whyoom::evidence::Key::Limit)
            .is_none()
    );
}

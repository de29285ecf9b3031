//! What CI systems, schedulers and supervisors say of memory: each witness alone and together with others, each test runner, and
//! each way in which a platform names who wrote a line.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::evidence::Part;
use whyoom::report::view::headline;

const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 has a total capacity of 31.74 GiB \
    of which 1.20 GiB is free.";

fn found(log: &str) -> Vec<Explained> {
    diagnose("ci.log", log.as_bytes()).incidents
}

/// The one failure of a log.
fn only(log: &str) -> Explained {
    let mut found = found(log);
    assert_eq!(found.len(), 1, "{log}");
    found.remove(0)
}

/// "proven counts cgroup add-host-memory: #SBATCH --mem=13G".
fn verdict(one: &Explained) -> String {
    let best = &one.causes[0];
    let counts = if one.incident.counts() {
        "counts"
    } else {
        "does not"
    };
    let fix = one.fixes.first().map_or_else(String::new, |fix| {
        format!(
            "{}: {}",
            fix.fix.id.name(),
            fix.offer.how.lines().next().unwrap_or_default()
        )
    });
    format!(
        "{} {counts} {} {fix}",
        best.verdict.confidence.name(),
        best.finding.id.name()
    )
}

/// What one witness says, and what its report begins with: how sure, whether it counts, the finding, the first fix.
const ALONE: &[(&str, &str)] = &[
    (
        "slurmstepd-gpu9: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.",
        "proven counts cgroup add-host-memory: #SBATCH --mem=",
    ),
    (
        "slurmstepd: error: Job 31 exceeded memory limit (9000000 > 8388608), being killed",
        "proven counts cgroup add-host-memory: #SBATCH --mem=13G",
    ),
    (
        "slurmstepd: error: Exceeded job memory limit at some point.",
        "proven counts cgroup add-host-memory: #SBATCH",
    ),
    (
        "JobState=OUT_OF_MEMORY Reason=OutOfMemory",
        "proven counts cgroup add-host-memory: #SBATCH",
    ),
    (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 12Ki. Container fit was using 50000Mi, \
             request is 8Gi, has larger consumption of memory.",
        "proven counts oom-killer add-host-memory: resources.requests.memory: 73Gi",
    ),
    (
        "OOMKilled (exit code 137)",
        "proven counts cgroup add-host-memory: resources.limits.memory",
    ),
    (
        "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
        "proven counts cgroup ",
    ),
    (
        "\"OOMKilled\": true,",
        "proven counts cgroup add-host-memory: docker run --memory=",
    ),
    (
        "System OOM encountered, victim process: python3, pid: 88",
        "proven counts oom-killer ",
    ),
    (
        "web.service: A process of this unit has been killed by the OOM killer.",
        "proven counts oom-killer add-host-memory: MemoryMax=",
    ),
    (
        "=>> PBS: job killed: mem 9000000kb exceeded limit 8388608kb",
        "proven counts cgroup add-host-memory: #PBS -l mem=13gb",
    ),
    (
        "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.",
        "proven counts cgroup add-host-memory: #BSUB -M",
    ),
    (
        "OutOfMemoryError: Container killed due to memory usage",
        "proven counts cgroup ",
    ),
    (
        "Replicas low on memory: workerpool0. Specify a machine with larger memory and try again.",
        "proven counts cgroup ",
    ),
    (
        "earlyoom[412]: sending SIGTERM to process 88 uid 1000 \"python3\": badness 900, VmRSS 8000 MiB",
        "proven counts ",
    ),
    (
        "(raylet) node_manager.cc:3064: 3 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers crashed due \
             to other reasons at node (ID: 5d, IP: 10.0.0.9)",
        "proven counts oom-killer fewer-actors",
    ),
    (
        "[7] [ERROR] Worker (pid:41) was sent SIGKILL! Perhaps out of memory?",
        "likely counts oom-killer ",
    ),
    (
        "c++: fatal error: Killed signal terminated program cc1plus",
        "likely counts oom-killer fewer-build-jobs: MAX_JOBS=2",
    ),
    (
        "nvcc error   : 'cicc' died due to signal 9 (Kill signal)",
        "likely counts oom-killer fewer-build-jobs: MAX_JOBS=2",
    ),
    (
        "MemoryError: Unable to allocate 10.0 GiB for an array with shape (1342177280,) and data type float64",
        "likely counts cpu-allocator ",
    ),
    ("E   MemoryError", "likely counts cpu-allocator "),
    (
        "Traceback (most recent call last):\n  File \"prep.py\", line 4, in <module>\n    rows = [0] * n\nMemoryError",
        "likely counts cpu-allocator ",
    ),
    (
        "##[error]Process completed with exit code 137.",
        "possible does not oom-killer add-host-memory: runs-on:",
    ),
    (
        "run.sh: line 2:   77 Killed                  python fit.py",
        "possible does not oom-killer ",
    ),
    (
        "srun: error: gpu4: task 3: Killed",
        "possible does not oom-killer add-host-memory: #SBATCH",
    ),
    (
        "mpirun noticed that process rank 3 with PID 0 on node gpu4 exited on signal 9 (Killed).",
        "possible does not oom-killer ",
    ),
    (
        "ERROR: failed to solve: process \"/bin/sh -c pip install .\" did not complete successfully: exit code: 137",
        "possible does not oom-killer add-host-memory: docker run",
    ),
    (
        "script returned exit code 137",
        "possible does not oom-killer ",
    ),
    (
        "make: *** [Makefile:12: bench] Error 137",
        "possible does not oom-killer ",
    ),
    (
        "\tError from slot1@c012: Job has gone over cgroup memory limit of 16384 megabytes. Last measured usage: 16391 megabytes.",
        "proven counts cgroup add-host-memory: request_memory = ",
    ),
    (
        "fit-1 exited with code 137",
        "possible does not oom-killer add-host-memory: docker run",
    ),
    (
        "torch.multiprocessing.spawn.ProcessExitedException: process 3 terminated with signal SIGKILL",
        "possible does not oom-killer ",
    ),
];

#[test]
fn each_witness_alone_is_found_and_worth_what_it_knows() {
    for (log, expected) in ALONE {
        let one = only(log);
        let verdict = verdict(&one);
        assert!(
            verdict.starts_with(expected),
            "{log}\n{verdict}\n{expected}"
        );
        let title = headline(&one, usize::MAX);
        let claims = title.starts_with("The host ran out of memory");
        assert_eq!(claims, one.incident.counts(), "{title}");
    }
}

const SLURM: &str = "slurmstepd: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.";
const SHELL: &str = "/home/runner: line 2:   77 Killed                  python fit.py";
const RUNNER: &str = "##[error]Process completed with exit code 137.";
const KERNEL: &str = "[ 100.3] Memory cgroup out of memory: Killed process 88 (python3) total-vm:20000000kB, \
        anon-rss:8100000kB, file-rss:100kB, shmem-rss:0kB";
/// Witnesses of one kill, and how sure they are together.
const TOGETHER: &[(&[&str], &str)] = &[
    (&[SHELL, RUNNER], "possible"),
    (
        &[
            "subprocess.CalledProcessError: Command 'a' died with <Signals.SIGKILL: 9>.",
            RUNNER,
        ],
        "possible",
    ),
    (
        &[
            "/var/spool/slurmd/job31/slurm_script: line 6:   501 Killed                  python fit.py",
            SLURM,
        ],
        "proven",
    ),
    (
        &[
            "RuntimeError: DataLoader worker (pid 88) is killed by signal: Killed.",
            SLURM,
        ],
        "proven",
    ),
    (
        &[
            "[2026-01-02 03:04:05,678] [ERROR] [launch.py:321:sigkill_handler] ['python', 'fit.py'] exits with return code = -9",
            SLURM,
        ],
        "proven",
    ),
    (
        &[
            "c++: fatal error: Killed signal terminated program cc1plus",
            SLURM,
        ],
        "proven",
    ),
    (
        &[
            KERNEL,
            "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
        ],
        "proven",
    ),
    (&[SLURM, "srun: error: n2: task 5: Out Of Memory"], "proven"),
    (
        &[SLURM, "srun: error: n2: task 5: Killed", SHELL, RUNNER],
        "proven",
    ),
];

#[test]
fn several_witnesses_of_one_kill_are_one_failure_and_the_strongest_judges() {
    for (witnesses, confidence) in TOGETHER {
        let one = only(&witnesses.join("\n"));
        assert_eq!(
            one.causes[0].verdict.confidence.name(),
            *confidence,
            "{witnesses:?}"
        );
        assert_eq!(one.incident.repeats, 1, "{witnesses:?}");
    }
    let of_the_gpu = only(&format!("{MESSAGE}\n{RUNNER}"));
    assert!(headline(&of_the_gpu, 99).starts_with("GPU 0"));
}

#[test]
fn the_place_and_the_test_are_read_from_every_runner() {
    let summary = "=========================== short test summary info ============================\n\
        FAILED tests/test_a.py::test_x - torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 ha...\n";
    let banner = "_____________________________ test_x _____________________________\n";
    let class = "======================================================================\n";
    let rule = "----------------------------------------------------------------------\n";
    let stack = "Traceback (most recent call last):\n  File \"tests/test_a.py\", line 12, in test_x\n    y = f(x)\n\
        \x20 File \"lib/ops.py\", line 7, in f\n    return x @ x.T\n";
    let pytest = ("tests/test_a.py::test_x", "lib/ops.py:7");
    for (log, (test, place)) in [
        (
            format!(
                "{banner}tests/test_a.py:12: in test_x\n    y = f(x)\nlib/ops.py:7: in f\n    return x @ x.T\nE   {MESSAGE}\n{summary}"
            ),
            pytest,
        ),
        (
            format!(
                "{banner}\n    def test_x():\n>       y = f(x)\n\ntests/test_a.py:12:\n_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\n\n    \
                 def f(x):\n>       return x @ x.T\nE       {MESSAGE}\n\nlib/ops.py:7: OutOfMemoryError\n{summary}"
            ),
            pytest,
        ),
        (format!("{banner}{stack}{MESSAGE}\n{summary}"), pytest),
        (format!("=========== FAILURES ===========\nlib/ops.py:7: {MESSAGE}\n{summary}"), pytest),
        (
            format!("{class}ERROR: test_x (tests.test_a.TestA.test_x)\n{rule}{stack}{MESSAGE}\n"),
            ("tests.test_a.TestA.test_x", "lib/ops.py:7"),
        ),
        (
            format!("{class}ERROR: tests.test_a.test_x\n{rule}{stack}{MESSAGE}\n"),
            ("tests.test_a.test_x", "lib/ops.py:7"),
        ),
        (
            "[ RUN      ] PoolTest.Grows\nunknown file: Failure\n  what():  CUDA error: out of memory\n[  FAILED  ] PoolTest.Grows (3 ms)\n"
                .to_owned(),
            ("PoolTest.Grows", ""),
        ),
        (
            "    Start 12: pool_grows\n12/40 Test #12: pool_grows ...................***Failed    0.30 sec\nCUDA error: out of memory\n"
                .to_owned(),
            ("pool_grows", ""),
        ),
        (
            "=== RUN   TestPool\n    pool_test.go:30: CUDA error: out of memory\n--- FAIL: TestPool (0.01s)\n".to_owned(),
            ("TestPool", "pool_test.go:30"),
        ),
        (
            "---- pool::grows stdout ----\nthread 'pool::grows' panicked at src/pool.rs:30:10:\ncalled `Result::unwrap()` on an `Err` \
             value: DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")\n"
                .to_owned(),
            ("pool::grows", "src/pool.rs:30"),
        ),
    ] {
        let one = only(&log);
        assert_eq!(one.incident.who.get(Part::Test), Some(test), "{log}");
        let found = one.incident.frame.as_ref().map(|frame| format!("{}:{}", frame.file, frame.line));
        assert_eq!(found.unwrap_or_default(), place, "{log}");
        assert!(headline(&one, usize::MAX).contains(test), "{log}");
    }
}

#[test]
fn whoever_wrote_the_line_is_named_as_the_platform_names_it() {
    for (prefix, named) in [
        ("[1,mpirank:2,algo-1]<stderr>:", "rank 2, host algo-1"),
        ("(worker2, rank=2, pid=9) ", "rank 2, actor worker2"),
        ("[rank=2] || ", "rank 2"),
        ("rank2[41][MainThread]: ", "rank 2"),
        (
            "(train_fn pid=548, ip=10.0.0.9) ",
            "task train_fn, host 10.0.0.9",
        ),
        (
            "[pod/fit-worker-2/pytorch] ",
            "pod fit-worker-2, container pytorch",
        ),
        ("fit-1  | ", "service fit-1"),
        ("gpu-1: ", "host gpu-1"),
        ("[gw2] ", "worker gw2"),
    ] {
        let one = only(&format!("{prefix}{MESSAGE}\n"));
        let title = headline(&one, usize::MAX);
        assert!(title.ends_with(named), "{prefix}: {title}");
    }
    let followers = "Horovod has been shut down. This was caused by an exception on one of the ranks\n\
        RuntimeError: EngineCore failed to start.\nRuntimeError: Engine core initialization failed. See root cause above.\n";
    let one = only(&format!("{MESSAGE}\n{followers}"));
    assert_eq!(one.incident.consequences, [2, 3, 4]);
}

#[test]
fn a_record_that_tells_of_a_batch_that_did_not_fit_is_caught() {
    for log in [
        format!("INFO tuner: batch 64 did not fit ({MESSAGE}), trying 32\nepoch 1 done\n"),
        format!("[WARNING] batch 64 failed with {MESSAGE}\nepoch 1 done\n"),
        format!("2026-02-03 04:05:06,789 - INFO - shape too large: {MESSAGE}\n"),
    ] {
        assert!(only(&log).incident.caught, "{log}");
    }
    for log in [
        format!("ERROR batch 64 failed with {MESSAGE}\n"),
        format!("INFO 3 shapes to go\n{MESSAGE}\n"),
        format!("INFO starting\n  File \"a.py\", line 3, in f\n    y = f(x)\n{MESSAGE}\n"),
    ] {
        assert!(!only(&log).incident.caught, "{log}");
    }
}

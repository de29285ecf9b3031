//! The host's memory: whose limit, how much of it, and what to type.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::report::view::headline;

use crate::process::{command, finish};

fn found(log: &str) -> Vec<Explained> {
    diagnose("job.log", log.as_bytes()).incidents
}

/// The title, why, and the first line of what to type.
fn told(log: &str) -> Vec<String> {
    let words = |one: &Explained| {
        let fix = one
            .fixes
            .first()
            .map(|fix| fix.offer.how.lines().next().unwrap().to_owned());
        format!(
            "{} | {} | {}",
            headline(one, usize::MAX),
            one.causes[0].verdict.because,
            fix.unwrap_or_default()
        )
    };
    found(log).iter().map(words).collect()
}

const TABLE: &str = "JobID           JobName      State     MaxRSS     ReqMem        NodeList\n\
    ------------ ---------- ---------- ---------- ---------- ---------------\n\
    4711              train OUT_OF_ME+                  16Gn             gpu7\n\
    4711.batch        batch OUT_OF_ME+  15728640K       16Gn             gpu7\n\
    4711.extern      extern  COMPLETED      1044K       16Gn             gpu7\n";

#[test]
fn the_tables_of_sacct_and_seff_tell_the_step_its_memory_and_its_limit() {
    let held = "The job's memory limit of 16 GiB was reached: the process held 15 GiB. GPU memory plays no part.";
    let table = format!(
        "The host ran out of memory: step 4711.batch, host gpu7 | {held} | #SBATCH --mem=24G"
    );
    assert_eq!(told(TABLE), [table]);
    let parted = "JobID|JobName|State|MaxRSS|ReqMem|ExitCode\n4711|train|OUT_OF_MEMORY||16G|0:125\n4711.batch|batch|OUT_OF_MEMORY|15728640K||0:125\n";
    assert_eq!(
        told(parted),
        [format!(
            "The host ran out of memory: step 4711.batch | {held} | #SBATCH --mem=24G"
        )]
    );
    let seff = "Job ID: 4711\nCluster: c1\nState: OUT_OF_MEMORY (exit code 0)\nCores: 8\nMemory Utilized: 15.90 GB\nMemory Efficiency: \
        99.40% of 16.00 GB\n";
    assert_eq!(
        told(seff),
        [
            "The host ran out of memory: job 4711 | The job's memory limit of 16.00 GiB was reached: the process held 15.90 GiB. GPU \
          memory plays no part. | #SBATCH --mem=24G"
        ]
    );
    let jobs = "JobID|State|MaxRSS\n4711|OUT_OF_MEMORY|\n4712|COMPLETED|\n4713|OUT_OF_MEMORY|\n";
    assert_eq!(told(jobs).len(), 2);
    let mail = "Slurm Job_id=4711 Name=train Failed, Run time 00:10:00, OUT_OF_MEMORY\n";
    assert!(
        told(mail)[0].starts_with(
            "The host ran out of memory: job 4711 | The job's memory limit was reached."
        )
    );
    for none in [
        "The state OUT_OF_MEMORY means that the job had too little.\n",
        "| OUT_OF_MEMORY | Job experienced out of memory error. |\n",
    ] {
        assert!(found(none).is_empty(), "{none}");
    }
}

#[test]
fn what_a_scheduler_reads_as_a_comment_is_shown_in_the_terminal() {
    let run = finish(command(&["-"]), TABLE.as_bytes());
    assert!(run.out.contains("#SBATCH --mem=24G"), "{}", run.out);
}

#[test]
fn numbered_pods_that_differ_in_the_gpu_alone_are_one_failure() {
    let line = |pod: &str, gpu: u32, tried: &str| {
        format!(
            "[pod/{pod}/pytorch] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried} GiB. GPU {gpu} has a total capacity of \
             31.74 GiB of which 1.20 GiB is free.\n"
        )
    };
    let alike = [
        line("fit-0", 0, "2.40"),
        line("fit-1", 1, "2.40"),
        line("fit-2", 2, "2.40"),
    ]
    .concat();
    let found_alike = found(&alike);
    assert_eq!(found_alike.len(), 1);
    assert_eq!(found_alike[0].incident.repeats, 3);
    assert!(headline(&found_alike[0], 99).ends_with("pod fit-0, container pytorch"));
    for other in [
        line("fit-1", 1, "4.80"),
        line("serve-1", 1, "2.40"),
        line("fit-0", 1, "2.40"),
    ] {
        assert_eq!(
            found(&(line("fit-0", 0, "2.40") + &other)).len(),
            2,
            "{other}"
        );
    }
}

const BUS: &str = "RuntimeError: DataLoader worker (pid 47) is killed by signal: Bus error. It is possible that dataloader's workers are out \
    of shared memory. Please try to raise your shared memory limit.\n";

#[test]
fn the_size_of_dev_shm_is_computed_from_what_the_log_shows_or_left_out() {
    let first = |log: &str| told(log).remove(0);
    let loader = |size: &str, fix: &str| {
        format!(
            "The host ran out of memory in the data loader | Workers hand batches over through /dev/shm{size}. | {fix}"
        )
    };
    let by_hand = "docker run --ipc=host ...  # or --shm-size= above what df -h shows";
    assert_eq!(first(BUS), loader("", by_hand));
    let of = |size: u32| format!("docker run --shm-size={size}g ...  # or --ipc=host");
    for (shown, size, fix) in [
        (
            "shm              64M   64M     0 100% /dev/shm\n",
            " of 64 MiB",
            1,
        ),
        (
            "+ docker run --shm-size=8g --gpus all img python fit.py\n",
            " of 8 GiB",
            16,
        ),
        ("        shm_size: '2gb'\n", " of 2 GiB", 4),
    ] {
        assert_eq!(first(&format!("{shown}{BUS}")), loader(size, &of(fix)));
        assert_eq!(first(&format!("{BUS}{shown}")), loader(size, &of(fix)));
    }
    for log in [
        "RuntimeError: unable to write to file </torch_12_3_4>: No space left on device (28)\n",
        "OSError: [Errno 28] No space left on device: '/dev/shm/pym-12-ab'\n",
    ] {
        assert_eq!(first(log), loader("", by_hand));
    }
    let ranks = "misc/shmutils.cc:72 NCCL WARN Error: failed to extend /dev/shm/nccl-Ab12Cd to 9637892 bytes\n";
    assert_eq!(
        first(ranks),
        format!(
            "The host ran out of memory | Processes hand data over through /dev/shm. | {by_hand}"
        )
    );
    assert!(
        !found(ranks)[0]
            .fixes
            .iter()
            .any(|fix| fix.offer.how.contains("num_workers"))
    );
    assert!(found("OSError: [Errno 28] No space left on device: '/data/run/shard-1'\n").is_empty());
}

/// What one line or one table says, and the title, the confidence and the first line of what to type.
const TOLD: &[(&str, &str)] = &[
    (
        "slurmstepd: Step 31.0 exceeded memory limit (9000000 > 8388608), being killed\nslurmstepd: Exceeded job memory limit\nsrun: error: n7: \
         task 2: Killed\n",
        "The host ran out of memory: rank 2, step 31.0, host n7 | proven | #SBATCH --mem=13G",
    ),
    (
        "slurmstepd: error: Detected 1 oom-kill event(s) in step 31.0 cgroup. Some of your processes may have been killed by the cgroup \
         out-of-memory handler.\n",
        "The host ran out of memory: step 31.0 | proven | #SBATCH --mem=...",
    ),
    (
        "#SBATCH --mem=64G\nslurmstepd: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.\n",
        "The host ran out of memory: step 31.0 | proven | #SBATCH --mem=96G",
    ),
    (
        "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.\n# LSBATCH: User input\n    Max Memory :             9 GB\n    Total \
         Requested Memory :         8.00 GB\n",
        "The host ran out of memory | proven | #BSUB -M 14GB",
    ),
    (
        "ERROR YarnScheduler: Lost executor 9 on n7.ours.org: Container killed by YARN for exceeding memory limits. 7.2 GB of 4.2 GB virtual \
         memory used. Consider boosting spark.yarn.executor.memoryOverhead.\n",
        "The host ran out of memory: host n7.ours.org | proven | spark.executor.memoryOverhead=8g  # the container then has about 11 GB",
    ),
    (
        "31.0   fit   11/7  23:48 Job in status 2 put on hold by SYSTEM_PERIODIC_HOLD due to memory usage 3000000.\n",
        "The host ran out of memory: job 31.0 | proven | request_memory = ...",
    ),
    (
        "PBS Job Id: 31.n1\nJob exceeded a memory resource limit (vmem, pvmem, etc.). Job was aborted\nresources_used.mem=8388608kb\n",
        "The host ran out of memory | proven | #PBS -l mem=12gb",
    ),
    (
        "job 31 exceeded MEM usage hard limit (2528 > 1126)\n",
        "The host ran out of memory | proven | #PBS -l mem=...",
    ),
    (
        "4m11s  Warning  Evicted  pod/fit-0    The node was low on resource: memory. Container fit was using 5053216Ki, which exceeds its \
         request of 0.\n",
        "The host ran out of memory: pod fit-0, container fit | proven | resources.requests.memory: 7Gi",
    ),
    (
        "Your session crashed after using all available RAM.\n",
        "The host ran out of memory | proven | a runtime with more RAM",
    ),
    (
        "Your notebook tried to allocate more memory than is available. It has restarted.\n",
        "The host ran out of memory | proven | a runtime with more RAM",
    ),
    (
        "ours/fit-7 Container main was terminated (Exit Code: 137, Reason: OOMKilled)\n",
        "The host ran out of memory: pod fit-7, container main | proven | resources.limits.memory",
    ),
    (
        "Name:    fit-0\nNode:    n7/10.0.0.9\nContainers:\n  fit:\n    Limits:\n      cpu:    1\n      memory: 2Gi\n    State:    Running\n    \
         Last State: Terminated\n      Reason:   OOMKilled\n      Exit Code: 137\n",
        "The host ran out of memory: pod fit-0, container fit, host n7 | proven | resources.limits.memory: 3Gi",
    ),
    (
        "RayOutOfMemoryError: More than 95% of the memory on node n7 is used (11.8 / 12.3 GB). The top 5 memory consumers are:\n",
        "The host ran out of memory: host n7 | proven | @ray.remote(num_cpus=2)",
    ),
    (
        "memorystatus: killing_top_process pid 812 [python3.11] (vm-compressor-space-shortage) 31000 - memorystatus_available_pages: 8000\n",
        "The host ran out of memory: python3.11 (pid 812) | proven | more RAM",
    ),
    (
        "#13 116.2 -  Building wheels\n#13 346.1 Killed\n#13 346.3 npm ERR! errno 137\n#13 ERROR: process \"/bin/sh -c npm run build\" did not \
         complete successfully: exit code: 137\n",
        "A process was killed | possible | docker run --memory=...",
    ),
    (
        "failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c pip install .]: exit code: 137\n",
        "A process was killed | possible | docker run --memory=...",
    ),
    (
        "[a1b2-n0-0] terminated with exit code (137). Reason [Error]. Message:\n",
        "A process was killed | possible | ",
    ),
    (
        "TerminatedWorkerError: A worker process managed by the executor was unexpectedly terminated. The exit codes of the workers are \
         {SIGKILL(-9)}\n",
        "A process was killed | possible | ",
    ),
    (
        "The self-hosted runner: gpu-3 lost communication with the server. Verify the machine is running.\n",
        "The runner was lost | possible | runs-on: a larger runner",
    ),
];

#[test]
fn each_kind_of_word_about_the_host_s_memory_is_read_with_its_names_and_figures() {
    for (log, expected) in TOLD {
        let all = found(log);
        let [one] = &all[..] else {
            panic!("{} in {log}", all.len())
        };
        let fix = one
            .fixes
            .first()
            .map(|fix| fix.offer.how.clone())
            .unwrap_or_default();
        let confidence = one.causes[0].verdict.confidence.name();
        let words = format!("{} | {confidence} | {fix}", headline(one, usize::MAX));
        assert!(words.starts_with(expected), "{log}\n{words}\n{expected}");
    }
}

#[test]
fn a_runner_that_was_shut_down_or_whose_log_only_explains_is_nothing() {
    for log in [
        "The runner has received a shutdown signal.\nThe hosted runner: GitHub Actions 9 lost communication with the server.\n",
        "An exit code of (137) means that it was killed.\n",
        "Exceeded memory limits are explained below.\n",
        "# 13 346.1 Killed\n",
    ] {
        assert!(found(log).iter().all(|one| !one.incident.counts()), "{log}");
    }
}

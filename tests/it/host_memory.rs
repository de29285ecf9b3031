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
          memory plays no part. | #SBATCH --mem=25G"
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
            "The host ran out of memory in the data loader | /dev/shm{size}, through which workers hand batches over, is full. | {fix}"
        )
    };
    let by_hand = "docker run --ipc=host ...  # or --shm-size=, above what df -h /dev/shm shows";
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
            "The host ran out of memory | /dev/shm, through which processes hand data over, is full. | {by_hand}"
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

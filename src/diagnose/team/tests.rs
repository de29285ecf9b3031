//! Several threads read what one reads.

use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::super::Reader;
use crate::messages;

/// Lines of all kinds, some of which mean something only below others.
const LINES: [&str; 12] = [
    "an ordinary line of a log, of no interest",
    "step 3 | mem allocated 32.10 GB reserved 65.00 GB | 9000 tok/s",
    "epoch 2: gpu memory 3743 MiB",
    "index, memory.used [MiB], memory.total [MiB]",
    "0, 11018, 81920",
    "step,loss,gpu_mem_gb",
    "7,0.25,12.5",
    "--per_device_train_batch_size 8 --bf16 true",
    "INFO 08-03 10:00:00 [gpu_worker.py:276] Available KV cache memory: 5.58 GiB",
    "llama_kv_cache: CUDA0 KV buffer size = 1024.00 MiB",
    "[rank3]: torch.distributed.DistBackendError: NCCL error",
    "      3/100      7.45G      1.234       0.5       1.1         12        640",
];

fn log() -> impl Strategy<Value = String> {
    let examples: Vec<&str> = messages::ALL
        .iter()
        .flat_map(|format| format.examples)
        .map(|example| example.0)
        .collect();
    let part = prop_oneof![
        9 => (prop::sample::select(&LINES[..]), 1usize..90).prop_map(|(line, n)| format!("{line}\n").repeat(n)),
        2 => prop::sample::select(examples).prop_map(|text| format!("{text}\n")),
        1 => (1usize..90_000).prop_map(|n| "x ".repeat(n)),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn several_threads_read_what_one_reads(log in log(), cut in 1usize..400_000, threads in 2usize..6) {
        let log = log.repeat(400_000_usize.div_ceil(log.len().max(1)).min(20));
        let mut one = Reader::new("job/rank3.log");
        let mut team = Reader::new("job/rank3.log").on_threads(NonZeroUsize::new(threads)).in_team();
        for part in log.as_bytes().chunks(cut) {
            one.push(part);
            team.push(part);
        }
        prop_assert_eq!(format!("{:?}", one.whole()), format!("{:?}", team.whole()));
    }
}

#[test]
fn what_a_team_has_read_can_be_asked_for_before_the_end() {
    let message = "RuntimeError: CUDA error: out of memory\n";
    let mut reader = Reader::new("t").on_threads(NonZeroUsize::new(3)).in_team();
    reader.push("a line\n".repeat(200_000).as_bytes());
    reader.push(message.as_bytes());
    reader.settle();
    assert_eq!(reader.news().unwrap().log.incidents.len(), 1);
    assert_eq!(reader.failures(), 1);
}

//! What held the memory has gone since: only the GPUs themselves can tell, or an engine that saw memory come free.

use super::{Fix, Offer, Situation, stop_other_process, watched};
use crate::evidence::{FindingId, FixId};

pub(crate) static FIX: Fix = Fix {
    id: FixId::RunItAgain,
    cost: "nothing",
    page: include_str!("run-it-again.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.finding == FindingId::FreedMeanwhile {
        return Some(Offer::unmeasured(IN_TURN).titled("Start it again when the GPU is quiet"));
    }
    watched::nobody_left(s.gpus()?, &stop_other_process::by_the_log(s)?)
}

/// `vllm/v1/worker/gpu_worker.py` (`determine_available_memory`): with the cache's size by hand it compares nothing.
const IN_TURN: &str = "the same command, when nothing else starts or ends on this GPU\n# engines in turn: each when the one before it \
    serves\n# or the cache by hand, and no measurement: --kv-cache-memory-bytes N";

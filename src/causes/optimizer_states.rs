//! The optimizer's states are larger than what is left.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, low_precision_weights, memory_efficient_optimizer, offload, shard_across_gpus,
};

pub(super) static FINDING: Finding = Finding {
    id: "optimizer-states",
    cause: Cause::Exhaustion,
    title: "the optimizer's states are larger than what is left",
    page: include_str!("optimizer-states.md"),
    fixes: &[
        &memory_efficient_optimizer::FIX,
        &low_precision_weights::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    super::work::verdict(case, "optimizer-states")
}

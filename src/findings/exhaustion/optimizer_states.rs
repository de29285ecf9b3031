//! The optimizer's states are larger than what is left.

use crate::evidence::FindingId;
use crate::findings::exhaustion::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, gradient_checkpointing, low_precision_weights, memory_efficient_optimizer, offload,
    shard_across_gpus,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OptimizerStates,
    cause: Cause::Exhaustion,
    page: include_str!("optimizer-states.md"),
    fixes: &[
        &memory_efficient_optimizer::FIX,
        &gradient_checkpointing::FIX,
        &low_precision_weights::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::OptimizerStates)
}

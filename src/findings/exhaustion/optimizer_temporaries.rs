//! The optimizer's step needs a copy of all parameters at once.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, fused_optimizer, gradient_checkpointing, low_precision_weights,
    memory_efficient_optimizer, offload, optimizer_foreach_false, shard_across_gpus,
    train_adapters,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OptimizerTemporaries,
    cause: Cause::Exhaustion,
    page: include_str!("optimizer-temporaries.md"),
    fixes: &[
        &optimizer_foreach_false::FIX,
        &fused_optimizer::FIX,
        &memory_efficient_optimizer::FIX,
        &gradient_checkpointing::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &low_precision_weights::FIX,
        &train_adapters::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::OptimizerTemporaries)
}

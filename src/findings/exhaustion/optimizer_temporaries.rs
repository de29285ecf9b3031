//! The optimizer's step needs a copy of all parameters at once.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OptimizerTemporaries,
    cause: Cause::Exhaustion,
    page: include_str!("optimizer-temporaries.md"),
    fixes: fixes![
        optimizer_foreach_false,
        fused_optimizer,
        memory_efficient_optimizer,
        gradient_checkpointing,
        offload,
        shard_across_gpus,
        low_precision_weights,
        train_adapters,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::OptimizerTemporaries)
}

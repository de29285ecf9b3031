//! An engine tries its largest batch before it has a cache, and the batch does not fit.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, limit_images, low_precision_weights, lower_batch_size, offload, quantize_weights,
    shard_across_gpus, smaller_context,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::TrialRun,
    cause: Cause::Exhaustion,
    page: include_str!("trial-run.md"),
    fixes: &[
        &limit_images::FIX,
        &lower_batch_size::FIX,
        &smaller_context::FIX,
        &low_precision_weights::FIX,
        &quantize_weights::FIX,
        &shard_across_gpus::FIX,
        &offload::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::TrialRun)
}

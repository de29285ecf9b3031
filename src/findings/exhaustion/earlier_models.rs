//! Models that were loaded before are still there.

use crate::evidence::FindingId;
use crate::findings::measures::{buffers, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, drop_references, fewer_gpu_layers, low_precision_weights, lower_batch_size,
    offload, quantize_weights, shard_across_gpus,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EarlierModels,
    cause: Cause::Exhaustion,
    page: include_str!("earlier-models.md"),
    fixes: &[
        &drop_references::FIX,
        &lower_batch_size::FIX,
        &fewer_gpu_layers::FIX,
        &low_precision_weights::FIX,
        &quantize_weights::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::earlier(case).or_else(|| by_stack::verdict(case, FindingId::EarlierModels))
}

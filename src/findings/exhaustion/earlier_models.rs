//! Models that were loaded before are still there.

use crate::evidence::FindingId;
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, drop_references, fewer_gpu_layers, quantize_weights, shard_across_gpus,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EarlierModels,
    cause: Cause::Exhaustion,
    page: include_str!("earlier-models.md"),
    fixes: &[
        &drop_references::FIX,
        &fewer_gpu_layers::FIX,
        &quantize_weights::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::earlier(case)
}

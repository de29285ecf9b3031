//! The weights alone are larger than the device.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::{budgets, buffers, by_interface, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, drop_references, fewer_gpu_layers, load_less_beside, low_precision_weights,
    lower_engine_memory_share, offload, quantize_kv_cache, quantize_weights, shard_across_gpus,
    smaller_context,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Weights,
    cause: Cause::Exhaustion,
    page: include_str!("weights.md"),
    fixes: &[
        &load_less_beside::FIX,
        &fewer_gpu_layers::FIX,
        &lower_engine_memory_share::FIX,
        &smaller_context::FIX,
        &quantize_kv_cache::FIX,
        &drop_references::FIX,
        &low_precision_weights::FIX,
        &quantize_weights::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::Weights)
        .or_else(|| budgets::too_small(case))
        .or_else(|| budgets::counted_before(case))
        .or_else(|| buffers::short_of(case, Flag::ForWeights))
        .or_else(|| buffers::component(case, Flag::ForWeights))
        .or_else(|| by_interface::weights(case))
}

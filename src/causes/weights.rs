//! The weights alone are larger than the device.

use super::{Case, Cause, Finding, Verdict, budgets};
use crate::fixes::{
    bigger_gpu, fewer_gpu_layers, low_precision_weights, offload, quantize_weights,
    shard_across_gpus,
};

pub(super) static FINDING: Finding = Finding {
    id: "weights",
    cause: Cause::Exhaustion,
    title: "the weights alone are larger than the device",
    page: include_str!("weights.md"),
    fixes: &[
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
    super::work::verdict(case, "weights")
        .or_else(|| budgets::too_small(case))
        .or_else(|| super::buffers::short_of(case, "for-weights"))
}

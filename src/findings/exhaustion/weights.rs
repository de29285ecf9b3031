//! The weights alone are larger than the device.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::{budgets, buffers, by_interface, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Weights,
    cause: Cause::Exhaustion,
    page: include_str!("weights.md"),
    fixes: fixes![
        load_less_beside,
        fewer_gpu_layers,
        lower_engine_memory_share,
        smaller_context,
        quantize_kv_cache,
        drop_references,
        low_precision_weights,
        quantize_weights,
        offload,
        shard_across_gpus,
        bigger_gpu,
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

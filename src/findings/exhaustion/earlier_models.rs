//! Models that were loaded before are still there.

use crate::evidence::FindingId;
use crate::findings::measures::{buffers, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EarlierModels,
    cause: Cause::Exhaustion,
    page: include_str!("earlier-models.md"),
    fixes: fixes![
        drop_references,
        lower_batch_size,
        fewer_gpu_layers,
        low_precision_weights,
        quantize_weights,
        offload,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::earlier(case).or_else(|| by_stack::verdict(case, FindingId::EarlierModels))
}

//! The work needs more than the device has.

use crate::evidence::{FindingId, Flag};
use crate::findings::exhaustion::by_stack;
use crate::findings::measures::{budgets, buffers};
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, gradient_checkpointing, low_precision_weights, lower_batch_size,
    lower_engine_memory_share, mixed_precision, offload, shorter_sequence, smaller_inputs,
    tile_the_image,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::MoreThanTheDevice,
    cause: Cause::Exhaustion,
    page: include_str!("more-than-the-device.md"),
    fixes: &[
        &lower_engine_memory_share::FIX,
        &lower_batch_size::FIX,
        &gradient_checkpointing::FIX,
        &shorter_sequence::FIX,
        &mixed_precision::FIX,
        &smaller_inputs::FIX,
        &low_precision_weights::FIX,
        &tile_the_image::FIX,
        &offload::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::MoreThanTheDevice)
        .or_else(|| {
            const PARTS: [Flag; 3] = [Flag::ForWeights, Flag::ForCache, Flag::ForWork];
            let part = PARTS.iter().any(|flag| case.incident.flagged(*flag));
            (!part).then(|| buffers::short(case))?
        })
        .or_else(|| budgets::counted(case))
}

//! One request alone is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::one_request;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    chunk_the_operation, chunked_cross_entropy, fix_the_shape, lower_batch_size, offload,
    sdpa_attention, shard_across_gpus, shorter_sequence, smaller_inputs, train_adapters,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::LargerThanDevice,
    cause: Cause::Oversized,
    page: include_str!("larger-than-device.md"),
    fixes: &[
        &chunk_the_operation::FIX,
        &smaller_inputs::FIX,
        &lower_batch_size::FIX,
        &sdpa_attention::FIX,
        &shorter_sequence::FIX,
        &fix_the_shape::FIX,
        &shard_across_gpus::FIX,
        &offload::FIX,
        &train_adapters::FIX,
        &chunked_cross_entropy::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    let known = [shape::corrupt, one_request::pairwise, shape::dataset];
    (!known.iter().any(|shape| shape(case))).then_some(verdict)
}

//! One request alone is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::one_request;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::LargerThanDevice,
    cause: Cause::Oversized,
    page: include_str!("larger-than-device.md"),
    fixes: fixes![
        chunk_the_operation,
        smaller_inputs,
        lower_batch_size,
        sdpa_attention,
        shorter_sequence,
        fix_the_shape,
        shard_across_gpus,
        offload,
        train_adapters,
        chunked_cross_entropy,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    let known = [shape::corrupt, one_request::pairwise, shape::dataset];
    (!known.iter().any(|shape| shape(case))).then_some(verdict)
}

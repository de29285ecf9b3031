//! Every element meets every other: the result alone is larger than the device.

use crate::evidence::FindingId;
use crate::findings::oversized::shape;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{chunk_the_operation, fix_the_shape, lower_batch_size, smaller_inputs};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Pairwise,
    cause: Cause::Oversized,
    page: include_str!("pairwise.md"),
    fixes: &[
        &chunk_the_operation::FIX,
        &smaller_inputs::FIX,
        &lower_batch_size::FIX,
        &fix_the_shape::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    (!shape::corrupt(case) && shape::pairwise(case)).then_some(verdict)
}

//! Every element meets every other, and the result alone is larger than the device.

use crate::evidence::{FindingId, Program};
use crate::findings::measures::{by_size, one_request, shape};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{chunk_the_operation, fix_the_shape, lower_batch_size};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Pairwise,
    cause: Cause::Oversized,
    page: include_str!("pairwise.md"),
    fixes: &[
        &chunk_the_operation::FIX,
        &lower_batch_size::FIX,
        &fix_the_shape::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let tried = case.balance.tried?;
    let mut verdict = shape::verdict(case)?;
    if one_request::pairwise(case) {
        if shape::corrupt(case) {
            return None;
        }
        verdict.because.push_str(&shape::square(tried));
        return Some(verdict);
    }
    if case.incident.framework != Program::Pytorch {
        return None;
    }
    // No line shows it, but the request is as large as all pairs of what the writer counts.
    let pairs = by_size::rows(case)?;
    let settle = one_request::WHICH_TENSOR;
    let because = verdict.because + &pairs.told(tried);
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

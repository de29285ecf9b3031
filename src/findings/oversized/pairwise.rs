//! Every element meets every other, and the result alone is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::{one_request, shape};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Pairwise,
    cause: Cause::Oversized,
    page: include_str!("pairwise.md"),
    fixes: fixes![chunk_the_operation, lower_batch_size, fix_the_shape],
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
    let pairs = one_request::pairs_told(case)?;
    let settle = one_request::WHICH_TENSOR;
    let because = verdict.because + &pairs.told(tried);
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

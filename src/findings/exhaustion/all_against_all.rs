//! Every element meets every other, and the result does not fit beside what is held.

use crate::evidence::FindingId;
use crate::findings::measures::{exhaustion, one_request, shape};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AllAgainstAll,
    cause: Cause::Exhaustion,
    page: include_str!("all-against-all.md"),
    fixes: fixes![chunk_the_operation, lower_batch_size, fix_the_shape],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let tried = case.balance.tried?;
    if one_request::pairwise_matters(case) {
        let found = exhaustion::exhausted(case)?;
        let because = found.because + &shape::square(tried);
        let settle =
            "print the shapes of both sides in the line that fails: how many rows has each?";
        let sure = found.confidence.max(Confidence::Likely);
        return Some(Verdict::settled_by(sure, because, settle));
    }
    let pairs = one_request::pairs_told(case)?;
    let because = exhaustion::exhausted(case)?.because + &pairs.told(tried);
    let settle = one_request::WHICH_TENSOR;
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

//! Every element meets every other: the result alone is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::shape;
use crate::findings::measures::{exhaustion, one_request};
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
    if !one_request::pairwise(case) || shape::corrupt(case) {
        return None;
    }
    let tried = case.balance.tried?;
    if let Some(mut verdict) = shape::verdict(case) {
        verdict.because.push_str(&shape::square(tried));
        return Some(verdict);
    }
    if !one_request::pairwise_matters(case) {
        return None;
    }
    let found = exhaustion::exhausted(case)?;
    let because = format!(
        "{} The line that failed sets all against all.{}",
        found.because,
        shape::square(tried)
    );
    let settle = "print the shapes of both sides in the line that fails: how many rows has each?";
    Some(Verdict::settled_by(
        found.confidence.max(Confidence::Likely),
        because,
        settle,
    ))
}

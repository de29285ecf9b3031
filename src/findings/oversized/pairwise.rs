//! Every element meets every other, and the result does not fit.

use crate::evidence::{FindingId, Program};
use crate::findings::measures::shape;
use crate::findings::measures::{by_size, exhaustion, one_request};
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
    if let Some(verdict) = counted(case) {
        return Some(verdict);
    }
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

/// No line shows it, but the request is as large as all pairs of what the writer counts.
fn counted(case: &Case<'_>) -> Option<Verdict> {
    if one_request::pairwise(case) || case.incident.framework != Program::Pytorch {
        return None;
    }
    let (pairs, tried) = by_size::rows(case).zip(case.balance.tried)?;
    let because = match shape::verdict(case) {
        Some(verdict) => verdict.because,
        None => exhaustion::exhausted(case)?.because,
    };
    let settle = "the line that fails: which tensor there has a row and a column for each of them?";
    Some(Verdict::settled_by(
        Confidence::Likely,
        because + &pairs.told(tried),
        settle,
    ))
}

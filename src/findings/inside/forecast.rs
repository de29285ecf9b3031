//! Whether memory that lies idle in pieces could have been enough to the end of the pass: if not, pieces are beside the point.

use crate::bytes::{Bytes, human};
use crate::evidence::{Census, Phase};
use crate::findings::{Case, Cause, Confidence, Judged};

/// Puts first what the forecast makes likely, among what the figures leave open.
pub(super) fn tell(case: &Case<'_>, census: &Census, judged: &mut [Judged]) {
    let backward = case.incident.phase == Some(Phase::Backward);
    let Some((pass, room)) = census.whole_pass(backward).zip(room(case, census)) else {
        return;
    };
    let fixed = census.fixed();
    let least = pass.low().saturating_add(fixed);
    // That all would fit shows nothing: later steps can be longer, and a backward pass needs room of its own.
    if least <= room {
        return;
    }
    let of = |cause: Cause| move |j: &Judged| j.finding.cause == cause;
    let open = judged.first().map(|j| j.finding.cause);
    let is_open = open == Some(Cause::Exhaustion) || open == Some(Cause::Fragmentation);
    if !is_open || !judged.iter().any(of(Cause::Exhaustion)) {
        return;
    }
    let whole = format!(
        " All of the pass needs about {}, by what it held and how far it had come; {} are there for it.",
        human(pass.plus(Bytes::exact(fixed)).mid()),
        human(room)
    );
    for j in judged.iter_mut() {
        let verdict = &mut j.verdict;
        if j.finding.cause == Cause::Exhaustion {
            verdict.confidence = verdict.confidence.max(Confidence::Likely);
            verdict.measured = None;
            verdict.because.push_str(&whole);
        } else if j.finding.cause == Cause::Fragmentation
            && verdict.confidence != Confidence::Proven
        {
            verdict.confidence = Confidence::Possible;
            verdict.measured = None;
        }
    }
}

/// All that the process can have.
fn room(case: &Case<'_>, census: &Census) -> Option<u64> {
    let headroom = case.balance.headroom?.low();
    Some(
        census
            .reserved
            .max(census.allocated)
            .saturating_add(headroom),
    )
}

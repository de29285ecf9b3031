//! Findings of the user's own: what a message of the user's own stands for, by the user's word.

use super::{Case, Cause, Confidence, Finding, Judged, Verdict};
use crate::evidence::{FindingId, MessageId};
use crate::sorting;

/// A finding of this name, with a page of which the heading is its title. It is kept for as long as the program runs, as the
/// built-in ones are.
pub(crate) fn finding(name: &'static str, cause: Cause, page: String) -> &'static Finding {
    Box::leak(Box::new(Finding {
        id: FindingId::Own(name),
        cause,
        page: page.leak(),
        fixes: &[],
        decide,
    }))
}

/// The user says what the message means. Nobody measured it, so it is likely and never proven.
fn decide(case: &Case<'_>) -> Option<Verdict> {
    let MessageId::Own(name) = case.incident.format else {
        return None;
    };
    let because = format!("Your own rule `{name}` says so of this message.");
    Some(Verdict::new(Confidence::Likely, because))
}

/// Puts the user's word among the others. That nothing else is known needs no saying then.
pub(crate) fn tell(case: &Case<'_>, finding: &'static Finding, judged: &mut Vec<Judged>) {
    let Some(verdict) = decide(case) else {
        return;
    };
    judged.retain(|other| other.finding.cause != Cause::Unknown);
    judged.push(Judged { finding, verdict });
    sorting::by_key(judged, |judged| std::cmp::Reverse(judged.verdict.weight()));
}

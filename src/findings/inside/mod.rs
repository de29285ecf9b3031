//! What a census says of a failure: who holds the memory, by name. It is no guess from a text, so that it goes before one.

mod forecast;
mod graphs;
mod kept;
mod models;
mod shares;
mod words;

use super::{Case, Cause, Confidence, Finding, Judged, Verdict};
use crate::evidence::Census;

/// What a census shows to be the case.
type Shown = (&'static Finding, Verdict);

/// False where names hold more than there is: then something was counted that is on no GPU.
fn adds_up(census: &Census) -> bool {
    let held: u64 = census.owners.iter().map(|row| row.bytes).sum();
    held / 100 * 95 <= census.allocated
}

/// Puts what the census shows first. A limit, a single request that is too large and memory that others hold are not in it: where
/// one of them is certain, it stays.
pub(super) fn tell(case: &Case<'_>, census: &Census, judged: &mut Vec<Judged>) {
    let outside = [
        Cause::Contention,
        Cause::Cap,
        Cause::Oversized,
        Cause::HostMemory,
    ];
    let settled = judged
        .iter()
        .any(|j| outside.contains(&j.finding.cause) && j.verdict.confidence == Confidence::Proven);
    if settled || census.allocated == 0 || !adds_up(census) {
        return;
    }
    let Some((finding, verdict)) =
        kept::shown(case, census).or_else(|| shares::shown(case, census, judged))
    else {
        forecast::tell(case, census, judged);
        return;
    };
    // What the text alone made likely is told as what else it might have been.
    judged.retain(|j| j.finding.id != finding.id && j.finding.cause != Cause::Unknown);
    for other in judged.iter_mut() {
        let most = if verdict.confidence == Confidence::Possible {
            Confidence::Likely
        } else {
            Confidence::Possible
        };
        if other.verdict.confidence > most {
            other.verdict.confidence = most;
            // How often it was so without a census is beside the point.
            other.verdict.measured = None;
        }
    }
    judged.insert(0, Judged { finding, verdict });
}

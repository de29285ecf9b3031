//! The driver gave NVENC no further session.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EncoderSessions,
    cause: Cause::Cap,
    page: include_str!("encoder-sessions.md"),
    fixes: fixes![fewer_parallel_requests, choose_another_gpu],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::Sessions) {
        return None;
    }
    let because = "NVENC also says \"out of memory\" if the driver gives no further session: GeForce drivers allow a few at once, \
                   over all programs. A session itself is small."
        .to_owned();
    let settle = "`nvidia-smi --query-gpu=encoder.stats.sessionCount,memory.free --format=csv` while the others run";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

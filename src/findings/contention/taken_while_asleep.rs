//! An engine gave its memory back while it slept, and what ran meanwhile holds it.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::TakenWhileAsleep,
    cause: Cause::Contention,
    page: include_str!("taken-while-asleep.md"),
    fixes: fixes![empty_cache_between_phases, lower_engine_memory_share],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let because = format!(
        "Before it slept {} had this memory, and the GPU has less left as it wakes up: what ran meanwhile holds it, a trainer in the \
         same job or another process.",
        case.incident.program().title()
    );
    let settle = "`nvidia-smi` just before it wakes up: who holds the GPU?";
    case.incident
        .flagged(Flag::Awakes)
        .then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

//! Figures of one message contradict each other.

use crate::evidence::FindingId;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ContradictoryFigures,
    cause: Cause::Unknown,
    page: include_str!("contradictory-figures.md"),
    fixes: fixes![use_newer_pytorch],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let contradictions = case.balance.contradictions();
    if contradictions.is_empty() {
        return None;
    }
    let because = format!(
        "{}. Both cannot be true, so that nothing that follows from them can be trusted.",
        contradictions.join("; ")
    );
    let settle = "paste the message as it was printed; if it was, `print(torch.cuda.memory_summary())` shows the true figures";
    Some(Verdict::settled_by(Confidence::Proven, because, settle))
}

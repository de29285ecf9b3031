//! An engine measured what its model takes, and somebody else let go of memory meanwhile.

use crate::evidence::{FindingId, Key, MessageId};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::FreedMeanwhile,
    cause: Cause::Contention,
    page: include_str!("freed-meanwhile.md"),
    fixes: fixes![run_it_again, choose_another_gpu],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let facts = &case.incident.facts;
    let (before, behind) = (facts.get(Key::FreeAtStart)?, case.balance.free?);
    if case.incident.format != MessageId::VllmProfiling || !behind.surely_over(before) {
        return None;
    }
    let because = format!(
        "{before} was free when vLLM began and {behind} behind its trial run, though it had loaded a model meanwhile: something else \
         on this GPU let go of {} or more. vLLM cannot tell what is its own then, and gives up. The driver refused nothing.",
        behind.minus(before)
    );
    let settle = "`nvidia-smi` while it starts: what ends or shrinks on this GPU, another engine, a trainer in the same job, an earlier \
                  run?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

//! The logits over the vocabulary and their copies do not fit.

use crate::evidence::FindingId;
use crate::findings::measures::{by_size, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Logits,
    cause: Cause::Exhaustion,
    page: include_str!("logits.md"),
    fixes: fixes![
        lower_engine_memory_share,
        chunked_cross_entropy,
        lower_batch_size,
        shorter_sequence,
        mixed_precision,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let mut verdict = by_stack::verdict(case, FindingId::Logits)?;
    if let Some((logits, tried)) = by_size::logits(case).zip(case.balance.tried) {
        verdict.because.push_str(&logits.told(tried));
    }
    Some(verdict)
}

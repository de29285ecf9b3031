//! The table of attention scores grows with the square of the length.

use crate::evidence::FindingId;
use crate::findings::measures::{by_size, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AttentionScores,
    cause: Cause::Exhaustion,
    page: include_str!("attention-scores.md"),
    fixes: fixes![
        sdpa_attention,
        shorter_sequence,
        smaller_inputs,
        lower_batch_size,
        gradient_checkpointing,
        mixed_precision,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let mut verdict = by_stack::verdict(case, FindingId::AttentionScores)?;
    if let Some((pairs, tried)) = by_size::scores(case).zip(case.balance.tried) {
        verdict.because.push_str(&pairs.told(tried));
    }
    Some(verdict)
}

//! The table of attention scores grows with the square of the length.

use crate::evidence::FindingId;
use crate::findings::measures::{by_size, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, gradient_checkpointing, lower_batch_size, mixed_precision, sdpa_attention,
    shorter_sequence, smaller_inputs,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AttentionScores,
    cause: Cause::Exhaustion,
    page: include_str!("attention-scores.md"),
    fixes: &[
        &sdpa_attention::FIX,
        &shorter_sequence::FIX,
        &smaller_inputs::FIX,
        &lower_batch_size::FIX,
        &gradient_checkpointing::FIX,
        &mixed_precision::FIX,
        &bigger_gpu::FIX,
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

//! The table of attention scores grows with the square of the length.

use crate::evidence::{FindingId, MessageId};
use crate::findings::measures::{by_size, by_stack};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

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
    counted_by_the_program(case).or_else(|| by_the_stack(case))
}

/// The program worked it out before it asked, in up to 64 pieces.
fn counted_by_the_program(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::AttentionTooLarge {
        return None;
    }
    let (need, free) = case.balance.tried.zip(case.balance.free)?;
    let because = format!(
        "The program cut its attention into 64 pieces; one needs {need}, and {free} was free. It asked for none."
    );
    let settle = "`nvidia-smi` at that moment: does anybody else hold memory of this GPU?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

fn by_the_stack(case: &Case<'_>) -> Option<Verdict> {
    let mut verdict = by_stack::verdict(case, FindingId::AttentionScores)?;
    if let Some((pairs, tried)) = by_size::scores(case).zip(case.balance.tried) {
        verdict.because.push_str(&pairs.told(tried));
    }
    Some(verdict)
}

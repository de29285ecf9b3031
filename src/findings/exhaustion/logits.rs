//! The logits over the vocabulary and their copies do not fit.

use crate::evidence::FindingId;
use crate::findings::measures::{by_size, by_stack};
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, chunked_cross_entropy, lower_batch_size, lower_engine_memory_share,
    mixed_precision, shorter_sequence,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Logits,
    cause: Cause::Exhaustion,
    page: include_str!("logits.md"),
    fixes: &[
        &lower_engine_memory_share::FIX,
        &chunked_cross_entropy::FIX,
        &lower_batch_size::FIX,
        &shorter_sequence::FIX,
        &mixed_precision::FIX,
        &bigger_gpu::FIX,
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

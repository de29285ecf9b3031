//! The table of attention scores alone is larger than the device.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::by_stack;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AttentionLargerThanDevice,
    cause: Cause::Oversized,
    page: include_str!("attention-larger-than-device.md"),
    fixes: fixes![
        sdpa_attention,
        shorter_sequence,
        lower_batch_size,
        smaller_inputs,
        chunk_the_operation,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    let corrupt = case.incident.flagged(Flag::CorruptSize);
    (!corrupt && by_stack::attends(case)).then_some(verdict)
}

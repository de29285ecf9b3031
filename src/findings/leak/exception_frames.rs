//! A retry inside `except` runs while the failed call's tensors are still held.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ExceptionFrames,
    cause: Cause::Leak,
    page: include_str!("exception-frames.md"),
    fixes: fixes![retry_outside_except, drop_references, lower_batch_size],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::ExceptionFrames)
}

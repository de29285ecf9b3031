//! Reference cycles keep tensors until the collector runs.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{drop_references, gc_collect, lower_batch_size};

pub(super) static FINDING: Finding = Finding {
    id: "cycles",
    cause: Cause::Leak,
    title: "reference cycles keep tensors until the collector runs",
    page: include_str!("cycles.md"),
    fixes: &[
        &gc_collect::FIX,
        &drop_references::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    super::growing::verdict(case, "cycles")
}

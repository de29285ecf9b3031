//! Reference cycles keep tensors until the collector runs.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{drop_references, gc_collect, lower_batch_size};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Cycles,
    cause: Cause::Leak,
    page: include_str!("cycles.md"),
    fixes: &[
        &gc_collect::FIX,
        &drop_references::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::Cycles)
}

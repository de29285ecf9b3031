//! Reference cycles keep tensors until the collector runs.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Cycles,
    cause: Cause::Leak,
    page: include_str!("cycles.md"),
    fixes: fixes![gc_collect, drop_references, lower_batch_size],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::Cycles)
}

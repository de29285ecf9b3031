//! Whole objects of earlier rounds are still referenced.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KeptObjects,
    cause: Cause::Leak,
    page: include_str!("kept-objects.md"),
    fixes: fixes![drop_references, gc_collect, lower_batch_size],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::KeptObjects)
}

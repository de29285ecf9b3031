//! Live memory grows with time.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    drop_references, gc_collect, item_or_detach, lower_batch_size, move_outputs_to_cpu,
    remove_hooks,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::UnknownGrowth,
    cause: Cause::Leak,
    page: include_str!("unknown-growth.md"),
    fixes: &[
        &move_outputs_to_cpu::FIX,
        &remove_hooks::FIX,
        &drop_references::FIX,
        &item_or_detach::FIX,
        &gc_collect::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::UnknownGrowth)
}

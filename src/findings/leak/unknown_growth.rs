//! Live memory grows with time.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::UnknownGrowth,
    cause: Cause::Leak,
    page: include_str!("unknown-growth.md"),
    fixes: fixes![
        move_outputs_to_cpu,
        remove_hooks,
        drop_references,
        item_or_detach,
        gc_collect,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::UnknownGrowth)
}

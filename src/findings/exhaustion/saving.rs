//! The whole model is gathered on one GPU to be saved.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Saving,
    cause: Cause::Exhaustion,
    page: include_str!("saving.md"),
    fixes: fixes![save_in_shards, empty_cache_between_phases, bigger_gpu],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::Saving)
}

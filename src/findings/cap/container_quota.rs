//! The container has used up its share of the GPU.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ContainerQuota,
    cause: Cause::Cap,
    page: include_str!("container-quota.md"),
    fixes: fixes![raise_memory_cap, lower_batch_size],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::Quota) {
        return None;
    }
    let share = case
        .balance
        .limit
        .map_or_else(String::new, |limit| format!(" of {limit}"));
    let because = format!(
        "HAMi refused, which gives this container a share{share} of the GPU: the request would have gone beyond it. The GPU itself can be half empty."
    );
    Some(Verdict::new(Confidence::Proven, because))
}

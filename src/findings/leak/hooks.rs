//! Hooks keep what they see, at every step.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Hooks,
    cause: Cause::Leak,
    page: include_str!("hooks.md"),
    fixes: fixes![
        remove_hooks,
        move_outputs_to_cpu,
        drop_references,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::Hooks)
}

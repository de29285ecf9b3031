//! Hooks keep what they see, at every step.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{drop_references, lower_batch_size, move_outputs_to_cpu, remove_hooks};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Hooks,
    cause: Cause::Leak,
    page: include_str!("hooks.md"),
    fixes: &[
        &remove_hooks::FIX,
        &move_outputs_to_cpu::FIX,
        &drop_references::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::Hooks)
}

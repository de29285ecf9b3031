//! Hooks keep what they see, at every step.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{drop_references, lower_batch_size, move_outputs_to_cpu, remove_hooks};

pub(super) static FINDING: Finding = Finding {
    id: "hooks",
    cause: Cause::Leak,
    title: "hooks keep what they see, at every step",
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
    super::growing::verdict(case, "hooks")
}

//! Outputs pile up on the device.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{drop_references, inference_mode, lower_batch_size, move_outputs_to_cpu};

pub(super) static FINDING: Finding = Finding {
    id: "kept-outputs",
    cause: Cause::Leak,
    title: "outputs pile up on the device",
    page: include_str!("kept-outputs.md"),
    fixes: &[
        &move_outputs_to_cpu::FIX,
        &inference_mode::FIX,
        &drop_references::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    super::growing::verdict(case, "kept-outputs")
}

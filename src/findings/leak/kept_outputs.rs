//! Outputs pile up on the device.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    drop_references, inference_mode, lower_batch_size, move_outputs_to_cpu, outputs_to_cpu,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KeptOutputs,
    cause: Cause::Leak,
    page: include_str!("kept-outputs.md"),
    fixes: &[
        &outputs_to_cpu::FIX,
        &move_outputs_to_cpu::FIX,
        &inference_mode::FIX,
        &drop_references::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::KeptOutputs)
}

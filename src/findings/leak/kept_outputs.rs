//! Outputs pile up on the device.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KeptOutputs,
    cause: Cause::Leak,
    page: include_str!("kept-outputs.md"),
    fixes: fixes![
        outputs_to_cpu,
        move_outputs_to_cpu,
        inference_mode,
        drop_references,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::KeptOutputs)
}

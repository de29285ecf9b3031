//! A whole dataset goes to the device at once.

use crate::evidence::FindingId;
use crate::findings::measures::one_request;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    chunk_the_operation, low_precision_weights, lower_batch_size, move_outputs_to_cpu,
    smaller_inputs,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::WholeDataset,
    cause: Cause::Oversized,
    page: include_str!("whole-dataset.md"),
    fixes: &[
        &move_outputs_to_cpu::FIX,
        &chunk_the_operation::FIX,
        &smaller_inputs::FIX,
        &lower_batch_size::FIX,
        &low_precision_weights::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    let other = shape::corrupt(case) || one_request::pairwise(case);
    (!other && shape::dataset(case)).then_some(verdict)
}

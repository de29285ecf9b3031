//! A whole dataset goes to the device at once.

use crate::evidence::FindingId;
use crate::findings::measures::one_request;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::WholeDataset,
    cause: Cause::Oversized,
    page: include_str!("whole-dataset.md"),
    fixes: fixes![
        move_outputs_to_cpu,
        chunk_the_operation,
        smaller_inputs,
        lower_batch_size,
        low_precision_weights,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = shape::verdict(case)?;
    let other = shape::corrupt(case) || one_request::pairwise(case);
    (!other && shape::dataset(case)).then_some(verdict)
}

//! A whole dataset goes to the device at once.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{chunk_the_operation, low_precision_weights, lower_batch_size, smaller_inputs};

pub(super) static FINDING: Finding = Finding {
    id: "whole-dataset",
    cause: Cause::Oversized,
    title: "a whole dataset goes to the device at once",
    page: include_str!("whole-dataset.md"),
    fixes: &[
        &chunk_the_operation::FIX,
        &smaller_inputs::FIX,
        &lower_batch_size::FIX,
        &low_precision_weights::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let verdict = super::shape::verdict(case)?;
    let other = super::shape::corrupt(case) || super::shape::pairwise(case);
    (!other && super::shape::dataset(case)).then_some(verdict)
}

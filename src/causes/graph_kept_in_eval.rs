//! Evaluation keeps every activation for a backward pass that never comes.

use super::{Case, Cause, Finding, Verdict};
use crate::fixes::{bigger_gpu, inference_mode, lower_batch_size, mixed_precision};

pub(super) static FINDING: Finding = Finding {
    id: "graph-kept-in-eval",
    cause: Cause::Exhaustion,
    title: "evaluation keeps every activation for a backward pass that never comes",
    page: include_str!("graph-kept-in-eval.md"),
    fixes: &[
        &inference_mode::FIX,
        &lower_batch_size::FIX,
        &mixed_precision::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    super::work::verdict(case, "graph-kept-in-eval")
}

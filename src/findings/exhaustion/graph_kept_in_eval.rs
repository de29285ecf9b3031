//! Evaluation keeps every activation for a backward pass that never comes.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{bigger_gpu, inference_mode, lower_batch_size, mixed_precision};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::GraphKeptInEval,
    cause: Cause::Exhaustion,
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
    by_stack::verdict(case, FindingId::GraphKeptInEval)
}

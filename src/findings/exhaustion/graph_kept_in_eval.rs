//! Evaluation keeps every activation for a backward pass that never comes.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::GraphKeptInEval,
    cause: Cause::Exhaustion,
    page: include_str!("graph-kept-in-eval.md"),
    fixes: fixes![
        inference_mode,
        lower_batch_size,
        mixed_precision,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::GraphKeptInEval)
}

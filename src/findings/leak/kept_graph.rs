//! Results are kept together with the graph that made them.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    backward_each_micro_batch, drop_references, inference_mode, item_or_detach, lower_batch_size,
    move_outputs_to_cpu,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KeptGraph,
    cause: Cause::Leak,
    page: include_str!("kept-graph.md"),
    fixes: &[
        &backward_each_micro_batch::FIX,
        &item_or_detach::FIX,
        &inference_mode::FIX,
        &drop_references::FIX,
        &move_outputs_to_cpu::FIX,
        &lower_batch_size::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::KeptGraph)
}

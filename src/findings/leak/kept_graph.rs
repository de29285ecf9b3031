//! Results are kept together with the graph that made them.

use crate::evidence::FindingId;
use crate::findings::measures::by_holder;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KeptGraph,
    cause: Cause::Leak,
    page: include_str!("kept-graph.md"),
    fixes: fixes![
        backward_each_micro_batch,
        item_or_detach,
        inference_mode,
        drop_references,
        move_outputs_to_cpu,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_holder::verdict(case, FindingId::KeptGraph)
}

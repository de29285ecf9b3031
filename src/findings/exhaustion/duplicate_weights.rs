//! The weights are on the device twice while they load.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::DuplicateWeights,
    cause: Cause::Exhaustion,
    page: include_str!("duplicate-weights.md"),
    fixes: fixes![
        load_checkpoint_on_cpu,
        drop_references,
        low_precision_weights,
        offload,
        quantize_weights,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::DuplicateWeights)
}

//! The weights are on the device twice while they load.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, drop_references, load_checkpoint_on_cpu, low_precision_weights, offload,
    quantize_weights, shard_across_gpus,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::DuplicateWeights,
    cause: Cause::Exhaustion,
    page: include_str!("duplicate-weights.md"),
    fixes: &[
        &load_checkpoint_on_cpu::FIX,
        &drop_references::FIX,
        &low_precision_weights::FIX,
        &offload::FIX,
        &quantize_weights::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::DuplicateWeights)
}

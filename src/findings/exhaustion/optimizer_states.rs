//! The optimizer's states are larger than what is left.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, gradient_checkpointing, load_checkpoint_on_cpu, low_precision_weights,
    memory_efficient_optimizer, offload, shard_across_gpus, smaller_inputs, train_adapters,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OptimizerStates,
    cause: Cause::Exhaustion,
    page: include_str!("optimizer-states.md"),
    fixes: &[
        &memory_efficient_optimizer::FIX,
        &gradient_checkpointing::FIX,
        &low_precision_weights::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &train_adapters::FIX,
        &smaller_inputs::FIX,
        &load_checkpoint_on_cpu::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::OptimizerStates).or_else(|| by_its_name(case))
}

/// TensorFlow names the operation: one of the optimizer's scope updates or makes what it keeps for each weight.
fn by_its_name(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::ForOptimizer) {
        return None;
    }
    let tried = case.balance.tried?;
    let because = format!(
        "The operation that failed is the optimizer's: {tried} is a copy of one variable, and each thing that the optimizer keeps for it \
         is as large. The batch has no part in it."
    );
    let settle = "tf.config.experimental.get_memory_info(\"GPU:0\") before the first step: what is there before the slots are made?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

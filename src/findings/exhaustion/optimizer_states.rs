//! The optimizer's states are larger than what is left.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OptimizerStates,
    cause: Cause::Exhaustion,
    page: include_str!("optimizer-states.md"),
    fixes: fixes![
        memory_efficient_optimizer,
        gradient_checkpointing,
        low_precision_weights,
        offload,
        shard_across_gpus,
        train_adapters,
        smaller_inputs,
        load_checkpoint_on_cpu,
        bigger_gpu,
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

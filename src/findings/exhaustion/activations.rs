//! What the forward pass keeps for the backward pass outgrows the device.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Activations,
    cause: Cause::Exhaustion,
    page: include_str!("activations.md"),
    fixes: fixes![
        lower_engine_memory_share,
        lower_batch_size,
        gradient_checkpointing,
        load_checkpoint_on_cpu,
        mixed_precision,
        shorter_sequence,
        sdpa_attention,
        smaller_inputs,
        tile_the_image,
        offload,
        shard_across_gpus,
        memory_efficient_optimizer,
        train_adapters,
        empty_cache_between_phases,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::Activations)
}

//! What the forward pass keeps for the backward pass outgrows the device.

use crate::evidence::FindingId;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, empty_cache_between_phases, gradient_checkpointing, load_checkpoint_on_cpu,
    lower_batch_size, lower_engine_memory_share, memory_efficient_optimizer, mixed_precision,
    offload, sdpa_attention, shard_across_gpus, shorter_sequence, smaller_inputs, tile_the_image,
    train_adapters,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Activations,
    cause: Cause::Exhaustion,
    page: include_str!("activations.md"),
    fixes: &[
        &lower_engine_memory_share::FIX,
        &lower_batch_size::FIX,
        &gradient_checkpointing::FIX,
        &load_checkpoint_on_cpu::FIX,
        &mixed_precision::FIX,
        &shorter_sequence::FIX,
        &sdpa_attention::FIX,
        &smaller_inputs::FIX,
        &tile_the_image::FIX,
        &offload::FIX,
        &shard_across_gpus::FIX,
        &memory_efficient_optimizer::FIX,
        &train_adapters::FIX,
        &empty_cache_between_phases::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::Activations)
}

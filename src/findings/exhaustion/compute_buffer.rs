//! The work space does not fit beside the model.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, fewer_gpu_layers, fewer_parallel_requests, lower_batch_size,
    lower_engine_memory_share, offload, quantize_kv_cache, quantize_weights, sdpa_attention,
    shard_across_gpus, smaller_context, smaller_inputs, smaller_prompt_batch, tile_the_image,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ComputeBuffer,
    cause: Cause::Exhaustion,
    page: include_str!("compute-buffer.md"),
    fixes: &[
        &smaller_prompt_batch::FIX,
        &lower_batch_size::FIX,
        &sdpa_attention::FIX,
        &tile_the_image::FIX,
        &smaller_inputs::FIX,
        &fewer_parallel_requests::FIX,
        &smaller_context::FIX,
        &fewer_gpu_layers::FIX,
        &offload::FIX,
        &quantize_kv_cache::FIX,
        &lower_engine_memory_share::FIX,
        &quantize_weights::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::short_of(case, Flag::ForWork).or_else(|| buffers::component(case, Flag::ForWork))
}

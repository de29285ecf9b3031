//! One buffer of the model is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, fewer_gpu_layers, offload, quantize_weights, sdpa_attention, shard_across_gpus,
    smaller_context, smaller_inputs, smaller_prompt_batch, tile_the_image,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::BufferLargerThanDevice,
    cause: Cause::Oversized,
    page: include_str!("buffer-larger-than-device.md"),
    fixes: &[
        &sdpa_attention::FIX,
        &smaller_prompt_batch::FIX,
        &tile_the_image::FIX,
        &smaller_inputs::FIX,
        &smaller_context::FIX,
        &fewer_gpu_layers::FIX,
        &offload::FIX,
        &quantize_weights::FIX,
        &shard_across_gpus::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::larger(case)
}

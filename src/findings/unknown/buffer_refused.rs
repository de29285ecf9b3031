//! A buffer of the model was refused, and nothing tells what filled the device.

use crate::evidence::FindingId;
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    fewer_gpu_layers, fewer_parallel_requests, load_less_beside, lower_engine_memory_share,
    offload, quantize_kv_cache, quantize_weights, run_it_again, sdpa_attention, smaller_context,
    smaller_inputs, smaller_prompt_batch, stop_other_process, tile_the_image,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::BufferRefused,
    cause: Cause::Unknown,
    page: include_str!("buffer-refused.md"),
    fixes: &[
        &smaller_prompt_batch::FIX,
        &load_less_beside::FIX,
        &sdpa_attention::FIX,
        &tile_the_image::FIX,
        &smaller_context::FIX,
        &quantize_kv_cache::FIX,
        &fewer_gpu_layers::FIX,
        &fewer_parallel_requests::FIX,
        &offload::FIX,
        &smaller_inputs::FIX,
        &quantize_weights::FIX,
        &lower_engine_memory_share::FIX,
        &stop_other_process::FIX,
        &run_it_again::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::unsettled(case)
}

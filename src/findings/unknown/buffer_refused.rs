//! A buffer of the model was refused, and nothing tells what filled the device.

use crate::evidence::FindingId;
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::BufferRefused,
    cause: Cause::Unknown,
    page: include_str!("buffer-refused.md"),
    fixes: fixes![
        smaller_prompt_batch,
        load_less_beside,
        sdpa_attention,
        tile_the_image,
        smaller_context,
        quantize_kv_cache,
        fewer_gpu_layers,
        fewer_parallel_requests,
        offload,
        smaller_inputs,
        quantize_weights,
        lower_engine_memory_share,
        stop_other_process,
        run_it_again,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::unsettled(case)
}

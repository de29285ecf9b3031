//! The work space does not fit beside the model.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ComputeBuffer,
    cause: Cause::Exhaustion,
    page: include_str!("compute-buffer.md"),
    fixes: fixes![
        smaller_prompt_batch,
        lower_batch_size,
        sdpa_attention,
        tile_the_image,
        smaller_inputs,
        fewer_parallel_requests,
        smaller_context,
        fewer_gpu_layers,
        offload,
        quantize_kv_cache,
        lower_engine_memory_share,
        quantize_weights,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::short_of(case, Flag::ForWork).or_else(|| buffers::component(case, Flag::ForWork))
}

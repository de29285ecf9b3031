//! One buffer of the model is larger than the device.

use crate::evidence::FindingId;
use crate::findings::measures::buffers;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::BufferLargerThanDevice,
    cause: Cause::Oversized,
    page: include_str!("buffer-larger-than-device.md"),
    fixes: fixes![
        sdpa_attention,
        smaller_prompt_batch,
        tile_the_image,
        smaller_inputs,
        smaller_context,
        fewer_gpu_layers,
        offload,
        quantize_weights,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    buffers::larger(case)
}

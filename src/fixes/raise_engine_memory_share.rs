//! The engine's own budget was too small for weights and cache, though the GPU has more.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "raise-engine-memory-share",
    title: "Give the engine a larger share of the GPU",
    cost: "less is left for CUDA graphs, NCCL and other processes",
    page: include_str!("raise-engine-memory-share.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        "vllm" => "--gpu-memory-utilization 0.95",
        "sglang" => "--mem-fraction-static 0.90",
        "tensorrt-llm" => "kv_cache_config: {free_gpu_memory_fraction: 0.95}",
        "lmdeploy" => "--cache-max-entry-count 0.9",
        "jax" => "XLA_PYTHON_CLIENT_MEM_FRACTION=.95",
        _ => return None,
    };
    Some(Offer::unmeasured(format!(
        "{how}\n# only while nobody else needs the GPU"
    )))
}

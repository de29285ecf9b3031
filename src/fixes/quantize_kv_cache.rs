//! A cache of keys and values in 8 bits holds twice the tokens of one in 16.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "quantize-kv-cache",
    cost: "a little quality; not every attention kernel can read it",
    page: include_str!("quantize-kv-cache.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // The weights come before any cache.
    if s.incident.marked("for-weights") {
        return None;
    }
    let how = match s.program() {
        "llama.cpp" => "-fa on --cache-type-k q8_0 --cache-type-v q8_0",
        "ollama" => "OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q8_0  # for ollama serve",
        "vllm" => "--kv-cache-dtype fp8",
        "sglang" => "--kv-cache-dtype fp8_e4m3",
        "lmdeploy" => "--quant-policy 8",
        "tgi" => "--kv-cache-dtype fp8_e4m3fn",
        "tensorrt-llm" => "kv_cache_config: {dtype: fp8}",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

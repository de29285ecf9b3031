//! The KV cache is sized for the longest context that is allowed, and models allow far more than most use.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "smaller-context",
    title: "Reserve for shorter contexts",
    cost: "longer prompts are refused or cut",
    page: include_str!("smaller-context.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        "vllm" => "--max-model-len 8192",
        "sglang" => "--context-length 8192",
        "tensorrt-llm" => "--max_seq_len 8192",
        "tgi" => "--max-total-tokens 8192",
        "lmdeploy" => "--session-len 8192",
        "llama.cpp" => "-c 8192  # and --cache-type-k q8_0 --cache-type-v q8_0 -fa on",
        "ollama" => "OLLAMA_CONTEXT_LENGTH=8192  # or /set parameter num_ctx 8192",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

//! A cache of keys and values in 8 bits holds twice the tokens of one in 16.

use super::{Enough, Fix, Offer, Situation};
use crate::evidence::{FixId, Flag, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::QuantizeKvCache,
    cost: "a little quality; not every attention kernel can read it",
    page: include_str!("quantize-kv-cache.md"),
    offer,
};

/// What llama.cpp and its kin want to be on for a cache of fewer bits.
const ATTENTION: [&str; 4] = [
    "flash_attn=True, ",
    "-fa on ",
    "OLLAMA_FLASH_ATTENTION=1 ",
    "--flashattention ",
];

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.has(SettingKind::QuantizedCache) || !s.cache_is_a_part() {
        return None;
    }
    // The weights come before any cache.
    if s.incident.flagged(Flag::ForWeights) && s.incident.framework != Program::Exllama {
        return None;
    }
    let how = match s.program() {
        // 8 is GGML_TYPE_Q8_0 (ggml/include/ggml.h).
        Program::LlamaCpp if s.llama_in_python() => "flash_attn=True, type_k=8, type_v=8",
        Program::LlamaCpp => "-fa on --cache-type-k q8_0 --cache-type-v q8_0",
        Program::Ollama => "OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q8_0  # for ollama serve",
        Program::Vllm => "--kv-cache-dtype fp8",
        Program::Sglang => "--kv-cache-dtype fp8_e4m3",
        Program::Lmdeploy => "--quant-policy 8",
        Program::Tgi => "--kv-cache-dtype fp8_e4m3fn",
        Program::TensorrtLlm => "kv_cache_config: {dtype: fp8}",
        Program::Koboldcpp => "--flashattention --quantkv 1",
        Program::TextGenerationWebui if s.loads_by_transformers() => return None,
        Program::TextGenerationWebui => "--cache-type q8_0",
        Program::LocalAi => "flash_attention: true, cache_type_k: q8_0, cache_type_v: q8_0",
        Program::Jan => {
            "KV Cache K Type: q8_0  # and V, with Flash Attention, in llama.cpp's settings"
        }
        Program::LmStudio => {
            "K and V Cache Quantization Type: Q8_0  # in the load settings, with Flash Attention"
        }
        // theroyallab/tabbyAPI: config_sample.yml.
        Program::Exllama if s.incident.traceback.mentions("backends/exllamav3") => {
            "cache_mode: \"8,8\"  # bits of keys and values, 2 to 8; under model: in config.yml"
        }
        Program::Exllama if s.incident.traceback.mentions("backends/exllamav2") => {
            "cache_mode: Q8  # then Q6, Q4; under model: in config.yml"
        }
        Program::Exllama if s.incident.traceback.mentions("exllamav2/cache.py") => {
            "ExLlamaV2Cache_Q4(model, ...)  # in place of ExLlamaV2Cache: a quarter of it"
        }
        Program::Exllama => "-cq4  # exllamav3: -cq 4; TabbyAPI: cache_mode: Q4",
        _ => return None,
    };
    // What is on already is not asked for again.
    let on = s.has(SettingKind::FlashAttention);
    let rest = ATTENTION.iter().find_map(|word| how.strip_prefix(word));
    let how = rest.filter(|_| on).unwrap_or(how);
    // q8_0 takes 34 bytes for 32 values (ggml/src/ggml-common.h, block_q8_0), f16 takes 64.
    let too_large = |(cache, left): (u64, u64)| left < cache / 64 * 34;
    let enough = if s.cache_left().is_some_and(too_large) {
        Enough::No
    } else {
        Enough::Unknown
    };
    Some(Offer {
        enough,
        ..Offer::unmeasured(how)
    })
}

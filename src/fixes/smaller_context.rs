//! The KV cache is sized for the longest context that is allowed, and models allow far more than most use.

use super::{Enough, Fix, Offer, Situation};
use crate::evidence::{Memory, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: "smaller-context",
    title: "Reserve for shorter contexts",
    cost: "longer prompts are refused or cut",
    page: include_str!("smaller-context.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Weights do not know the context.
    let elsewhere = s.incident.memory == Memory::Host && !s.incident.framework.buffers();
    if s.incident.marked("for-weights") || elsewhere {
        return None;
    }
    let fits = longest(s);
    let tokens = fits.unwrap_or(8192);
    let how = match s.program() {
        "vllm" => format!("--max-model-len {tokens}"),
        "sglang" => format!("--context-length {tokens}"),
        "tensorrt-llm" => format!("--max_seq_len {tokens}"),
        "tgi" => format!("--max-total-tokens {tokens}"),
        "lmdeploy" => format!("--session-len {tokens}"),
        "mlc-llm" => format!("--overrides \"context_window_size={tokens}\""),
        "llama.cpp" => format!("-c {tokens}"),
        "ollama" => format!("OLLAMA_CONTEXT_LENGTH={tokens}  # or /set parameter num_ctx {tokens}"),
        _ => return None,
    };
    Some(match fits {
        Some(_) => Offer {
            how: format!("{how}\n# the most that the cache holds, by the message"),
            gain: None,
            enough: Enough::Yes,
        },
        None => Offer::unmeasured(how),
    })
}

/// The longest context that the cache would hold, by the engine's own count.
fn longest(s: &Situation<'_>) -> Option<u64> {
    let setting = s.incident.settings.get(SettingKind::LongestContext)?;
    setting.value.parse().ok().filter(|tokens| *tokens > 0)
}

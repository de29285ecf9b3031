//! A cache that grows by concatenation needs old and new at once and leaves gaps behind.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::StaticKvCache,
    cost: "the full length is paid for from the start",
    page: include_str!("static-kv-cache.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let managed = matches!(
        s.program(),
        Program::Vllm
            | Program::Sglang
            | Program::TensorrtLlm
            | Program::LlamaCpp
            | Program::Ollama
            | Program::Tgi
    );
    if managed
        || s.speaks()
        || !s.torch()
        || s.in_phase(&[Phase::Load, Phase::Backward, Phase::Optimizer])
    {
        return None;
    }
    if let Some(line) = s.incident.traceback.cache_grows_by_cat() {
        let kept = line.code.split('=').next().unwrap_or_default().trim();
        let how = format!(
            "{kept}[:, n : n + 1] = new  # in place of torch.cat{}\n# {kept} = torch.empty(batch, longest, width, device=\"cuda\") once, before the first token",
            s.at_here()
        );
        return Some(Offer::unmeasured(how));
    }
    Some(Offer::unmeasured(
        "model.generate(..., cache_implementation=\"static\")\n# or \"offloaded\" to keep all layers but the current one in host memory",
    ))
}

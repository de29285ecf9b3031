//! The KV cache grows with every token of every sequence.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShorterGeneration,
    cost: "shorter answers, or fewer at once",
    page: include_str!("shorter-generation.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.in_phase(&[Phase::Load, Phase::Backward, Phase::Optimizer]) {
        return None;
    }
    let how = match s.program() {
        Program::Vllm | Program::Sglang => "max_tokens=512  # in the sampling parameters",
        Program::LlamaCpp => "-n 512",
        Program::Ollama => "/set parameter num_predict 512",
        _ if s.torch() => "model.generate(..., max_new_tokens=256, num_return_sequences=1)",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

//! The KV cache grows with every token of every sequence.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase};

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
    // Engines and llama.cpp make their cache in advance: what is generated takes no more of it.
    s.torch().then(|| {
        Offer::unmeasured("model.generate(..., max_new_tokens=256, num_return_sequences=1)")
    })
}

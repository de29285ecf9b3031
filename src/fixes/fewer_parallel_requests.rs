//! Each request that may run beside the others has a cache of its own.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "fewer-parallel-requests",
    cost: "more requests wait for their turn",
    page: include_str!("fewer-parallel-requests.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.marked("for-weights") {
        return None;
    }
    let how = match s.program() {
        "ollama" => "OLLAMA_NUM_PARALLEL=1 OLLAMA_MAX_LOADED_MODELS=1  # for ollama serve",
        "llama.cpp" if s.incident.marked("for-cache") => "-np 1",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

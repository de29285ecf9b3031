//! The work space is reserved for the largest piece of a prompt that is processed at once.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "smaller-prompt-batch",
    cost: "long prompts are read more slowly",
    page: include_str!("smaller-prompt-batch.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Weights and cache do not know the batch.
    let work = s.incident.marked("for-work") || s.incident.marked("at-work");
    let how = match s.program() {
        _ if !work => return None,
        "llama.cpp" => "-ub 256 -b 1024  # the default is -ub 512 -b 2048",
        "ollama" => "/set parameter num_batch 256",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

//! The work space is reserved for the largest piece of a prompt that is processed at once.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Flag, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SmallerPromptBatch,
    cost: "long prompts are read more slowly",
    page: include_str!("smaller-prompt-batch.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Weights and cache do not know the batch.
    let work = s.incident.flagged(Flag::ForWork) || s.incident.flagged(Flag::AtWork);
    let how = match s.program() {
        _ if !work => return None,
        Program::LlamaCpp => "-ub 256 -b 1024  # the default is -ub 512 -b 2048",
        Program::Ollama => "/set parameter num_batch 256",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

//! The work space is reserved for the largest piece of a prompt that is processed at once.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Flag, Program, SettingKind};

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
        Program::LlamaCpp => {
            let set = if s.llama_in_python() {
                "n_ubatch="
            } else {
                "-ub "
            };
            let printed = s.number(SettingKind::MicroBatch);
            match printed.or_else(|| s.typed_number(&["-ub", "--ubatch-size"])) {
                Some(now) if now > 16 => format!("{set}{}  # half of {now}", now / 2),
                Some(_) => return None,
                None => format!("{set}256  # half of the default of 512"),
            }
        }
        Program::Koboldcpp => "--batchsize 256  # half of the default of 512".to_owned(),
        Program::Ollama => "/set parameter num_batch 256  # half of the default of 512".to_owned(),
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

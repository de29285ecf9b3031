//! The work space is reserved for the largest piece of a prompt that is processed at once.

use super::{Enough, Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FixId, Flag, Key, Program, SettingKind};

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
            let printed = printed.or_else(|| s.typed_number(&["-ub", "--ubatch-size"]));
            let (now, before) = match printed {
                Some(now) if now > 16 => (now, format!("{now}")),
                Some(_) => return None,
                None => (DEFAULT, format!("the default of {DEFAULT}")),
            };
            return Some(pieces(s, set, now, &before));
        }
        // koboldcpp.py: the namespace of its arguments; "blasbatchsize" up to 2025.
        Program::Koboldcpp => {
            let printed = s.number(SettingKind::MicroBatch);
            let (now, before) = match printed.or_else(|| s.number(SettingKind::BatchSize)) {
                Some(now) if now > 16 => (now, format!("{now}")),
                Some(_) => return None,
                None => (DEFAULT, format!("the default of {DEFAULT}")),
            };
            return Some(pieces(s, "--batchsize ", now, &before));
        }
        Program::Ollama => "/set parameter num_batch 256  # half of the default of 512".to_owned(),
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

/// `n_ubatch` of llama.cpp (common/common.h).
const DEFAULT: u64 = 512;
/// Smaller pieces than these waste the GPU.
const SMALLEST: u64 = 32;

/// Pieces so small that what is missing of the work space is won, if there are such: the space grows with them. Where none are
/// known, half.
fn pieces(s: &Situation<'_>, set: &str, now: u64, before: &str) -> Offer {
    let tried = s.incident.facts.get(Key::Tried).map_or(0, Bytes::mid);
    let missing = s.missing().map_or(0, Bytes::high);
    let won = |pieces: u64| u128::from(tried) * u128::from(now - pieces) / u128::from(now);
    let mut smaller = now / 2;
    while smaller / 2 >= SMALLEST && won(smaller) < u128::from(missing) {
        smaller /= 2;
    }
    if won(smaller) >= u128::from(missing) {
        let words = match now / smaller {
            2 => format!("half of {before}"),
            4 => format!("a quarter of {before}"),
            n => format!("one part in {n} of {before}"),
        };
        return Offer::unmeasured(format!("{set}{smaller}  # {words}"));
    }
    Offer {
        enough: Enough::No,
        ..Offer::unmeasured(format!("{set}{}  # half of {before}", now / 2))
    }
}

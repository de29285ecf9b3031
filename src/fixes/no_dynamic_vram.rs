//! `ComfyUI`'s dynamic VRAM maps pages of weights into a range of addresses; without it models are loaded as they were before.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Flag, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::NoDynamicVram,
    cost: "models are loaded whole or in parts, as before it",
    page: include_str!("no-dynamic-vram.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    (s.program() == Program::Comfyui && s.incident.flagged(Flag::NotMemory))
        .then(|| Offer::unmeasured("--disable-dynamic-vram"))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn only_comfyuis_own_word_asks_for_it() {
        let mut trial = CaseBuilder::new().engine(Program::Comfyui);
        assert_eq!(trial.ask(&FIX), None);
        trial.incident.flags.insert(Flag::NotMemory);
        assert_eq!(trial.line(&FIX), "--disable-dynamic-vram");
    }
}

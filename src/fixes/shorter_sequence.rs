//! Activations grow with the length, and attention without a flash kernel with its square.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{Family, FixId, Phase};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShorterSequence,
    cost: "what is cut is not learned from",
    page: include_str!("shorter-sequence.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        // What serves or draws has no data to cut.
        program
            if matches!(
                program.family(),
                Family::Engine | Family::Buffers | Family::ImageInterface
            ) =>
        {
            return None;
        }
        _ if !s.sequences() || s.in_phase(&[Phase::Load, Phase::Optimizer]) => return None,
        _ if s.own_switch(|switches| switches.length) != Own::General => {
            return s.own_switch(|switches| switches.length).offer();
        }

        _ if s.blind() => return None,
        _ if s.trainer() == Trainer::HuggingFace => {
            "tokenizer(text, truncation=True, max_length=N)\n# N: half of the longest; TRL: max_length (older: max_seq_length)"
        }
        _ => {
            "x = x[:, :N]  # N: half of the longest\n# or sort by length, so that one long sample does not pad a whole batch"
        }
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_offered_where_sequences_go_through() {
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
        let attention = CaseBuilder::new().frame("model.py", 3, "scores = attention(q, k)");
        assert!(attention.ask(&FIX).is_some());
    }
}

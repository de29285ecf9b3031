//! Newer versions print the whole message, and do not hide it behind an assertion.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Key, MessageId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::UseNewerPytorch,
    cost: "the usual work of an update",
    page: include_str!("use-newer-pytorch.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // The assertion that hides the message is fixed in 2.14, the message that ends in "GPU" in 2.4.
    let masked = s.incident.format == MessageId::PytorchNvmlAssert;
    let cut =
        s.surely_before(2, 4) && s.surely_since(2, 3) && s.incident.facts.get(Key::Total).is_none();
    // Wheels for a Jetson come from NVIDIA, with its system.
    let board = s.has(SettingKind::UnifiedMemory);
    if !s.torch() || board || (masked && s.surely_since(2, 14)) || !(masked || cut) {
        return None;
    }
    Some(Offer::unmeasured(
        "pip install -U torch\n# wins no memory: the next failure then says how much was missing",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_offered_only_for_a_message_that_a_newer_version_prints_better() {
        let cut = CaseBuilder::new()
            .fact(Key::Tried, 10)
            .set(SettingKind::TorchVersion, "2.3.1");
        assert!(cut.ask(&FIX).is_some());
        assert_eq!(cut.fact(Key::Total, 100).ask(&FIX), None);
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
    }
}

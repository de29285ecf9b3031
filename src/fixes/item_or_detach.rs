//! A loss that is added up with its graph keeps every step's activations; its number keeps nothing.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ItemOrDetach,
    cost: ".item() waits for the GPU; once every few steps is cheap",
    page: include_str!("item-or-detach.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.has(SettingKind::NoGrad) {
        return None;
    }
    let at = s.at_here();
    Some(Offer::unmeasured(format!(
        "total += loss.item(){at}\n# and outputs.append(y.detach()) for tensors that are kept"
    )))
}

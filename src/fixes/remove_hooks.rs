//! A hook that stores what it sees keeps every step's activations alive.

use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::RemoveHooks,
    cost: "nothing",
    page: include_str!("remove-hooks.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    s.torch().then(|| Offer::unmeasured("handle.remove()  # handle = module.register_forward_hook(...)\n# or store output.detach().cpu(), and clear the store every step"))
}

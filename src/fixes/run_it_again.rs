//! What held the memory has gone since: only the GPUs themselves can tell, so that no log offers this.

use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::RunItAgain,
    cost: "nothing",
    page: include_str!("run-it-again.md"),
    offer,
};

fn offer(_: &Situation<'_>) -> Option<Offer> {
    None
}

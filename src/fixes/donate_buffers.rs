//! A compiled program writes its results where its arguments were.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::DonateBuffers,
    cost: "a donated argument cannot be used again",
    page: include_str!("donate-buffers.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    (s.program() == Program::Jax).then(|| {
        Offer::unmeasured(format!(
            "step = jax.jit(step, donate_argnums=(0, 1)){}\n# 0, 1: the parameters and the optimizer's state, which the step returns anew",
            s.at_here()
        ))
    })
}

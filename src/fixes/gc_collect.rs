//! Objects that refer to each other in a circle keep their tensors until Python's collector runs.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::GcCollect,
    cost: "a pause of some ten to hundred milliseconds per call",
    page: include_str!("gc-collect.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let python = s.torch()
        || matches!(
            s.program(),
            Program::Jax | Program::Tensorflow | Program::Cupy | Program::Paddle | Program::Rapids
        );
    python.then(|| {
        let at = s.at_here();
        Offer::unmeasured(format!("import gc; gc.collect()  # after del, between phases\n# better: break the circle, e.g. with weakref or without self in a closure{at}"))
    })
}

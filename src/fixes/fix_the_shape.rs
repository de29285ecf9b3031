//! A request that no GPU could serve mostly comes from a broadcast or a swapped dimension that nobody meant.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, MessageId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FixTheShape,
    cost: "nothing",
    page: include_str!("fix-the-shape.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let python = s.torch()
        || matches!(
            s.program(),
            Program::Jax | Program::Tensorflow | Program::Cupy | Program::Numba | Program::Paddle
        );
    if s.program() == Program::Onnxruntime {
        let how = "print({name: x.shape for name, x in feeds.items()})  # before session.run\n# a size like that is no size: a dimension that overflows, or a session shared by processes after a fork";
        return Some(Offer::unmeasured(how));
    }
    // That a library's own line found no room is no mistake in a shape.
    if !python || s.incident.format == MessageId::MovedToHost {
        return None;
    }
    let at = s.at_here();
    let size = s.balance.tried.map_or_else(String::new, |tried| {
        let elements = tried.mid() / 4;
        format!("\n# {tried} is about {elements} numbers of fp32: which two dimensions give that?")
    });
    Some(Offer::unmeasured(format!(
        "print(a.shape, b.shape){at}{size}\n# (N, 1) with (N,) broadcasts to N x N; cdist and a[:, None] - b do too"
    )))
}

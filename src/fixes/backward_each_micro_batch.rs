//! Losses that are added up before one backward pass keep the graphs of all micro-batches.

use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::BackwardEachMicroBatch,
    cost: "nothing: the gradients add up to the same",
    page: include_str!("backward-each-micro-batch.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let accumulates = s.torch() && s.incident.run.step_name == "micro-batch";
    accumulates.then(|| {
        Offer::unmeasured(
            "(loss / micro_batches).backward()\n# in every micro-batch; optimizer.step() and zero_grad() after the last",
        )
    })
}

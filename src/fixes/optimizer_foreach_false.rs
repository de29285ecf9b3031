//! The default step handles all parameters at once, with temporaries as large as all of them.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "optimizer-foreach-false",
    title: "Step parameter by parameter",
    cost: "a slower optimizer step, mostly a small part of the whole",
    page: include_str!("optimizer-foreach-false.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // foreach became the default in 2.0 (pytorch/pytorch#92306).
    if !s.torch()
        || s.surely_before(1, 12)
        || s.incident.traceback.mentions("_single_tensor")
        || s.incident.traceback.mentions("_fused_adam")
    {
        return None;
    }
    Some(Offer::unmeasured(format!(
        "torch.optim.AdamW(params, lr=lr, foreach=False){}",
        s.at_here()
    )))
}

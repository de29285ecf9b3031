//! While an exception is handled, its traceback holds every local tensor of the failed call.

use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::RetryOutsideExcept,
    cost: "nothing",
    page: include_str!("retry-outside-except.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    s.torch().then(|| {
        let held = s.incident.holdings.as_deref();
        let tried = held.and_then(|held| held.retried.as_ref());
        let at = tried.map_or_else(
            || s.at_here(),
            |tried| format!("  # around {}", tried.place),
        );
        let class = if s.surely_before(1, 13) { "RuntimeError" } else { "torch.cuda.OutOfMemoryError" };
        Offer::unmeasured(format!("except {class}: failed = True{at}\nif failed:  # outside the block the frames are gone\n    torch.cuda.empty_cache(); retry_with_less()"))
    })
}

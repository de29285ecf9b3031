//! Orders the fixes of a finding: surely enough first, then as the finding prefers them.

use super::{Enough, Fix, Offer, Situation};

/// A fix with its offer.
pub struct Ranked {
    /// The fix.
    pub fix: &'static Fix,
    /// What it says here.
    pub offer: Offer,
}

/// The offers of these fixes, best first. The order given is the order among equals; fixes that do not apply are left out.
pub fn rank(fixes: &[&'static Fix], situation: &Situation<'_>) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = fixes
        .iter()
        .filter_map(|fix| (fix.offer)(situation).map(|offer| Ranked { fix, offer }))
        .collect();
    ranked.sort_by_key(|r| r.offer.enough == Enough::No);
    ranked.sort_by_key(|r| r.offer.enough != Enough::Yes);
    ranked
}

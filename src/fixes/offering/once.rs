//! One deed is offered once.

use super::ranking::Ranked;
use crate::evidence::FixId;

/// Two fixes can come down to the same line, or to the same deed: the better one keeps it.
pub(super) fn said(mut ranked: Vec<Ranked>) -> Vec<Ranked> {
    kept_on_the_host(&mut ranked);
    let mut said: Vec<String> = Vec::new();
    ranked.retain(|r| {
        let new = r.offer.how.is_empty() || !said.contains(&r.offer.how);
        said.push(r.offer.how.clone());
        new
    });
    ranked
}

/// Outputs are moved to host memory once: under the name of what keeps them, where that is known.
fn kept_on_the_host(ranked: &mut Vec<Ranked>) {
    const ONE_DEED: [FixId; 2] = [FixId::MoveOutputsToCpu, FixId::OutputsToCpu];
    let moves = |r: &Ranked| ONE_DEED.contains(&r.fix.id);
    let Some(first) = ranked.iter().position(moves) else {
        return;
    };
    let again = ranked.iter().skip(first + 1).position(moves);
    let Some(second) = again.map(|at| ranked.remove(first + 1 + at)) else {
        return;
    };
    if let Some(kept) = ranked.get_mut(first)
        && kept.offer.title.is_none()
        && second.offer.title.is_some()
    {
        *kept = second;
    }
}

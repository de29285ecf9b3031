//! Advice of the user's own: the same words for every failure that it is for.

use crate::evidence::FixId;
use crate::fixes::{Fix, Offer, Ranked};

/// Advice under this name. It is kept for as long as the program runs, as the built-in fixes are.
pub(crate) fn advice(name: &'static str, title: &str, how: String, cost: Option<&str>) -> Ranked {
    let cost = cost.unwrap_or("your rule does not say").to_owned();
    let fix = Box::leak(Box::new(Fix {
        id: FixId::Own(name),
        cost: cost.leak(),
        // Its heading is its title in every output.
        page: format!("# {title} (yours)\n").leak(),
        // Nothing in a log decides it: the rule says for which failures it is.
        offer: |_| None,
    }));
    Ranked {
        fix,
        offer: Offer::unmeasured(how),
    }
}

//! A run that passed and yet came close to the size of the card, in words.

use crate::bytes::human;
use crate::compare::Near;

/// What stands before it.
pub const HEAD: &str = "Close to full:";

/// Both, as one text.
pub fn sentence(near: &Near) -> String {
    format!("{HEAD} {}", words(near))
}

/// "allocated reached 23.0 GiB of 23.6 GiB, 2.74% left (train.log:3; the size of the card: line 1)."
pub fn words(near: &Near) -> String {
    let rank = near
        .rank
        .map(|rank| format!(" on rank {rank}"))
        .unwrap_or_default();
    let size = match near.total_line {
        Some(line) => format!("the size of the card: line {line}"),
        None => "the size of the card as given".to_owned(),
    };
    let left = near.left();
    format!(
        "{}{rank} reached {} of {}, {}.{:02}% left ({}:{}; {size}).",
        near.counter.name(),
        human(near.peak.mid()),
        human(near.total.mid()),
        left / 100,
        left % 100,
        near.source,
        near.line,
    )
}

//! The ranks of a job beside each other, by their memory snapshots: worked out once for every format.

use crate::bytes::human;
use crate::evidence::{HeldAt, RankHeld, Skew, Uneven, ends};
use crate::report::holdings;
use crate::sorting;

/// So many ranks are all shown; of more, those that hold the most and the least.
const ALL: usize = 12;
/// Of more ranks, so many with the most and so many with the least.
const OF_MANY: (usize, usize) = (8, 3);
/// So many kinds have a column.
const KINDS: usize = 3;
/// A kind of less than this part of the most is not worth a column.
const SMALL: u64 = 100;
/// So many lines are named.
const LINES: usize = 5;
/// Ranks that differ by less than this part of the most are the same to people.
const EVEN: u64 = 50;

/// A table with a row a rank.
pub(super) struct Table {
    /// The names of its columns; all but the first and the last are sizes.
    pub(super) head: Vec<String>,
    /// A row for each rank that is shown.
    pub(super) rows: Vec<Vec<String>>,
    /// What is said of the ranks that are not.
    pub(super) more: Option<String>,
}

/// "How the 4 ranks differ: rank 2 holds 60 GiB more than rank 0".
pub(super) fn heading(skew: &Skew) -> String {
    let side = skew.side.name();
    let (least, most) = skew.ends();
    let of = |at: usize| skew.ranks.get(at);
    let count = skew.ranks.len();
    let (Some(least), Some(most)) = (of(least), of(most)) else {
        return format!("How the {count} {side}s differ");
    };
    if is_even(skew) {
        return format!(
            "The {count} {side}s hold about the same: {} in use on each",
            human(most.allocated)
        );
    }
    format!(
        "How the {count} {side}s differ: {side} {} holds {} more than {side} {}",
        most.number,
        human(skew.spread()),
        least.number
    )
}

/// True where no rank holds much more than another.
fn is_even(skew: &Skew) -> bool {
    let most = skew.ranks.iter().map(|rank| rank.allocated).max();
    skew.spread() <= most.unwrap_or(0) / EVEN
}

/// The ranks, with what they hold of the kinds that differ most.
pub(super) fn table(skew: &Skew) -> Table {
    let most = skew.ranks.iter().map(|rank| rank.allocated).max();
    let least = most.unwrap_or(0) / SMALL;
    let matters = |kind: &&Uneven| kind.bytes.iter().any(|bytes| *bytes > least);
    let kinds: Vec<&Uneven> = skew.kinds.iter().filter(matters).take(KINDS).collect();
    let mut head = vec![skew.side.name().to_owned(), "in use".to_owned()];
    head.extend(kinds.iter().map(|kind| kind.kind.name().to_owned()));
    head.push("at".to_owned());
    let row = |at: usize| {
        let rank = skew.ranks.get(at)?;
        let mut row = vec![rank.number.to_string(), human(rank.allocated)];
        let held = |kind: &Uneven| kind.bytes.get(at).copied().unwrap_or(0);
        row.extend(kinds.iter().map(|kind| human(held(kind))));
        row.push(moment(rank).to_owned());
        Some(row)
    };
    let shown = shown(skew);
    let more = skew.ranks.len().saturating_sub(shown.len());
    let side = skew.side.name();
    Table {
        head,
        rows: shown.into_iter().filter_map(row).collect(),
        more: (more > 0).then(|| format!("{more} more {side}s lie between these.")),
    }
}

/// The places of the ranks that are shown: all of them in their order, or first those that hold the most.
fn shown(skew: &Skew) -> Vec<usize> {
    let mut all: Vec<usize> = (0..skew.ranks.len()).collect();
    if all.len() <= ALL {
        return all;
    }
    let held = |at: &usize| skew.ranks.get(*at).map_or(0, |rank| rank.allocated);
    sorting::by_key(&mut all, |at| std::cmp::Reverse(held(at)));
    let (most, least) = OF_MANY;
    let last = all.split_off(all.len() - least);
    all.truncate(most);
    all.extend(last);
    all
}

/// Which moment of a rank is told.
fn moment(rank: &RankHeld) -> &'static str {
    match rank.at {
        HeldAt::Refusal => "the failure",
        HeldAt::Peak => "its peak",
        HeldAt::End => "the end",
    }
}

/// The lines that differ most, each with what it holds where: "nets.py:36" and "activations, 60 GiB on rank 0, 24 GiB on rank 1".
pub(super) fn lines(skew: &Skew) -> Vec<(String, String)> {
    let side = skew.side.name();
    let line = |uneven: &Uneven| {
        let (least, most) = ends(uneven.bytes.iter().copied());
        let told = |at: usize| {
            let bytes = uneven.bytes.get(at).copied().unwrap_or(0);
            let number = skew.ranks.get(at).map_or(0, |rank| rank.number);
            format!("{} on {side} {number}", human(bytes))
        };
        let name = holdings::place(uneven.frame.as_ref(), uneven.kind);
        // A line that is named for its kind has that said.
        let kind = match uneven.frame {
            Some(_) => format!("{}, ", uneven.kind.name()),
            None => String::new(),
        };
        let words = format!("{kind}{}, {}", told(most), told(least));
        (name, words)
    };
    skew.lines.iter().take(LINES).map(line).collect()
}

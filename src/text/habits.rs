//! Prefixes that only the other lines tell from text: `0: ` of `srun --label` may also begin a list.
//!
//! They go where most lines have one, and the same few again and again: a list counts up, ranks repeat.

use std::collections::BTreeSet;

use super::carriage;
use super::prefixes::{self, Cursor, Labels, Prefix, Stripped, When};
use super::{Line, settle};

/// Fewer lines show no habit.
const ENOUGH: usize = 3;

/// Takes them off, as long as any is a habit of these lines.
pub(super) fn strip(lines: &mut Vec<Line>) {
    if lines.len() < ENOUGH {
        return;
    }
    let habits = || prefixes::ALL.iter().filter(|p| p.when == When::Habit);
    while let Some(prefix) = habits().find(|p| is_habit(p, lines)) {
        let mut stripped = Vec::with_capacity(lines.len());
        for line in lines.drain(..) {
            match taken(prefix, &line.text) {
                Some(found) => {
                    let mut labels = Labels {
                        rank: line.rank,
                        lane: line.lane,
                    };
                    labels.add(found.rank, &found.lane);
                    settle(
                        &found.rest,
                        line.number,
                        (labels, carriage::shown),
                        &mut stripped,
                    );
                }
                None => stripped.push(line),
            }
        }
        *lines = stripped;
    }
}

/// True where [`ENOUGH`] lines and half of those with text begin with the prefix, and few different ones of it.
fn is_habit(prefix: &Prefix, lines: &[Line]) -> bool {
    let mut writers = BTreeSet::new();
    let (mut with, mut all) = (0_usize, 0_usize);
    for line in lines.iter().filter(|line| !line.text.is_empty()) {
        all += 1;
        if let Some(found) = taken(prefix, &line.text) {
            with += 1;
            writers.insert((found.rank, found.lane));
        }
    }
    with >= ENOUGH && with * 2 >= all && writers.len() * 2 <= with
}

/// The line without the prefix.
fn taken<'a>(prefix: &Prefix, text: &'a str) -> Option<Stripped<'a>> {
    let first = text.bytes().next()?;
    if !prefix.starts.is_empty() && !prefix.starts.bytes().any(|b| b == first) {
        return None;
    }
    (prefix.strip)(Cursor::new(text))
}

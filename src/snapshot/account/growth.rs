//! What piles up: lines whose memory stays from one round of the program to the next.
//!
//! What an optimizer or a cache makes once is of one round, a queue keeps the last rounds only, and the activations of the
//! step that failed are of one round too. Only what was kept of most rounds, early and late, piles up.

use super::clock;
use crate::evidence::Accumulates;
use crate::snapshot::{NO_STACK, Snapshot, State};

/// So many rounds must have left something.
const ROUNDS: usize = 3;

/// A line's memory, by rounds of the program.
#[derive(Clone, Debug, Default)]
pub(super) struct Suspect {
    /// The rounds in which it asked, in order, each once; and what is left of each.
    rounds: Vec<(usize, u64)>,
    /// What is left from before the record began.
    older: u64,
}

/// What each stack piles up, by its number. A line may ask by several stacks, of which one keeps what the others give back.
pub(super) fn find(
    snapshot: &Snapshot,
    (device, until): (usize, Option<usize>),
    (state, rounds): (&State, &[usize]),
) -> Vec<Option<Accumulates>> {
    let stacks = snapshot.stacks.len();
    if rounds.is_empty() {
        return vec![None; stacks];
    }
    let mut suspects = vec![Suspect::default(); stacks];
    let index = |stack: u32| usize::try_from(stack).unwrap_or(usize::MAX);
    let round_of = |position: usize| rounds.partition_point(|start| *start <= position);
    let trace = snapshot.traces.get(device);
    let mut round = 0;
    for (position, stack) in clock::asked(snapshot, device, until) {
        if stack == NO_STACK {
            continue;
        }
        if let Some(suspect) = suspects.get_mut(index(stack)) {
            // As `round_of` has it; positions only rise.
            while rounds.get(round).is_some_and(|start| *start <= position) {
                round += 1;
            }
            if suspect.rounds.last().is_none_or(|(last, _)| *last != round) {
                suspect.rounds.push((round, 0));
            }
        }
    }
    let first = trace.and_then(|trace| trace.rows.first());
    let first = first.map_or(0, |rows| rows.start);
    for live in state.live.values() {
        let Some(suspect) = suspects.get_mut(index(live.stack)) else {
            continue;
        };
        let round = live.row.map(|row| round_of(row.saturating_sub(first)));
        let Some(round) = round else {
            suspect.older = suspect.older.saturating_add(live.size);
            continue;
        };
        if let Ok(index) = suspect.rounds.binary_search_by_key(&round, |(r, _)| *r)
            && let Some((_, kept)) = suspect.rounds.get_mut(index)
        {
            *kept = kept.saturating_add(live.size);
        }
    }
    let piled = suspects.iter().map(|suspect| suspect.piles(rounds.len()));
    piled.collect()
}

/// What two stacks of one line pile up.
pub(super) fn both(one: Option<Accumulates>, other: Option<Accumulates>) -> Option<Accumulates> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Accumulates {
            rounds: one.rounds.max(other.rounds),
            per_round: one.per_round.saturating_add(other.per_round),
            bytes: one.bytes.saturating_add(other.bytes),
        }),
        (one, other) => one.or(other),
    }
}

impl Suspect {
    /// What stays, where it does; `all` is how many rounds the program had.
    fn piles(&self, all: usize) -> Option<Accumulates> {
        let mut left: Vec<u64> = self.rounds.iter().map(|(_, kept)| *kept).collect();
        left.retain(|kept| *kept > 0);
        left.sort_unstable();
        let per_round = *left.get(left.len() / 2)?;
        let before = usize::try_from(self.older / per_round.max(1)).unwrap_or(usize::MAX);
        let rounds = before.saturating_add(left.len());
        if rounds < ROUNDS || !self.steady(before) || self.stopped(all) {
            return None;
        }
        let inside = left.iter().copied().fold(0, u64::saturating_add);
        Some(Accumulates {
            rounds: u64::try_from(rounds).unwrap_or(u64::MAX),
            per_round,
            bytes: inside.saturating_add(self.older),
        })
    }

    /// True where most rounds left something, the early ones too.
    fn steady(&self, before: usize) -> bool {
        let most = |rounds: &[(usize, u64)]| {
            let with = rounds.iter().filter(|(_, kept)| *kept > 0).count();
            with * 10 >= rounds.len() * 6
        };
        let half = self.rounds.len().div_ceil(2);
        let early = self.rounds.get(..half).unwrap_or_default();
        // What is older than the record stands for the early rounds where the record is short.
        most(&self.rounds) && (most(early) || (before >= ROUNDS && self.rounds.len() < ROUNDS))
    }

    /// True where the line has not asked for long, by its own measure: a cache that is full.
    fn stopped(&self, all: usize) -> bool {
        let gaps = self.rounds.windows(2).map(|pair| match pair {
            [(a, _), (b, _)] => b - a,
            _ => 0,
        });
        let longest = gaps.max().unwrap_or(all);
        let last = self.rounds.last().map_or(0, |(round, _)| *round);
        all.saturating_sub(last) > longest.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rounds: &[(usize, u64)], older: u64, all: usize) -> Option<(u64, u64)> {
        let suspect = Suspect {
            rounds: rounds.to_vec(),
            older,
        };
        suspect.piles(all).map(|piled| (piled.rounds, piled.bytes))
    }

    #[test]
    fn what_every_round_leaves_behind_piles_up() {
        let every: Vec<(usize, u64)> = (1..=5).map(|round| (round, 10)).collect();
        assert_eq!(judged(&every, 0, 5), Some((5, 50)));
        assert_eq!(judged(&every, 70, 5), Some((12, 120)));
        // Folds of forty steps each, of which every one keeps its model.
        let folds = [(1, 30), (41, 30), (81, 30)];
        assert_eq!(judged(&folds, 0, 110), Some((3, 90)));
        // A sample of one round in ten is never let go, and the others are.
        assert_eq!(
            judged(&[(1, 10), (2, 0), (3, 0), (4, 0), (5, 10)], 0, 5),
            None
        );
    }

    #[test]
    fn queues_caches_states_and_the_step_that_failed_do_not() {
        let queue = [(1, 0), (2, 0), (3, 0), (4, 10), (5, 10), (6, 10)];
        assert_eq!(judged(&queue, 0, 6), None);
        assert_eq!(judged(&[(1, 10)], 0, 6), None);
        assert_eq!(judged(&[(6, 10)], 0, 6), None);
        let warmed_up = [(1, 10), (2, 10), (3, 10)];
        assert_eq!(judged(&warmed_up, 0, 40), None);
        assert_eq!(judged(&[], 90, 6), None);
    }
}

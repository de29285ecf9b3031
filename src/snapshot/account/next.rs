//! What the program would have asked for next, from what it asked for in rounds before.
//!
//! A round that came to the same request by the same way shows it: how far memory rose there after that request, until the
//! round was over. The request is found in each round by its place among those of its own stack and size, and believed
//! where the requests before it were the same ones.

use std::collections::VecDeque;

use crate::bytes::sum;
use crate::evidence::Next;
use crate::snapshot::{Action, Request, Snapshot, rounding};

/// So many of the latest rounds are enough: the first ones of a program are unlike the others.
const ROUNDS: usize = 8;
/// So many requests before the refused one must be the same, or all of the round, where they are fewer.
const RUN: usize = 16;
/// One round that asked for no more after it may be the odd one: two are believed.
const ENOUGH: usize = 2;

/// Who asks for how much, as the block that it takes.
type Key = (u32, u64);

/// What rounds before asked for after the request that was refused at a position of the device's trace.
pub(super) fn next(
    snapshot: &Snapshot,
    (device, until): (usize, Option<usize>),
    (request, left): (Option<&Request>, u64),
    rounds: &[usize],
) -> Option<Next> {
    let (request, until) = (request?, until?);
    let search = Search {
        snapshot,
        device,
        until,
        key: (request.stack, request.size),
    };
    let rises = search.rises(rounds).or_else(|| {
        // The refused request may be the one that would have begun another round.
        let begun = search.key_at(*rounds.last()?)? == search.key;
        let mut rounds = rounds.to_vec();
        rounds.push(until);
        begun.then(|| search.rises(&rounds)).flatten()
    })?;
    let (low, high) = (*rises.iter().min()?, *rises.iter().max()?);
    if high == 0 && rises.len() < ENOUGH {
        return None;
    }
    Some(Next {
        low,
        high,
        rounds: u64::try_from(rises.len()).unwrap_or(u64::MAX),
        left,
    })
}

/// Where a request is looked for.
struct Search<'a> {
    snapshot: &'a Snapshot,
    device: usize,
    until: usize,
    key: Key,
}

impl Search<'_> {
    /// How far memory rose after the same request in the latest whole rounds that came to it; `None` where none did.
    fn rises(&self, rounds: &[usize]) -> Option<Vec<u64>> {
        let (current, earlier) = rounds.split_last()?;
        let mut now = Round::default();
        for (_, action, key) in self.events(*current) {
            now.add(action, key, self.key);
        }
        let mut starts = rounds.iter().copied().peekable();
        let mut rises = VecDeque::new();
        let mut round = Round::default();
        for (position, action, key) in self.events(*earlier.first()?) {
            if position >= *current {
                break;
            }
            while starts.next_if(|start| *start <= position).is_some() {
                rises.extend(round.rise(self.key.1));
                round = Round::default();
            }
            if rises.len() > ROUNDS {
                rises.pop_front();
            }
            let here = action == Action::Alloc && key == self.key;
            if here && round.same == now.same && round.is_like(&now) {
                round.found = Some(round.live);
                round.peak = round.live;
            }
            round.add(action, key, self.key);
        }
        rises.extend(round.rise(self.key.1));
        let over = rises.len().saturating_sub(ROUNDS);
        let rises: Vec<u64> = rises.into_iter().skip(over).collect();
        (!rises.is_empty()).then_some(rises)
    }

    /// The events from a position on, before the refusal.
    fn events(&self, from: usize) -> impl Iterator<Item = (usize, Action, Key)> {
        let trace = self.snapshot.traces.get(self.device).into_iter();
        let rows = trace.flat_map(super::super::Trace::iter).enumerate();
        let rows = rows.take(self.until).skip(from);
        rows.filter_map(|(position, row)| {
            let (action, size, _) = self.snapshot.events.change(row)?;
            let key = (self.snapshot.events.stack(row), rounding::block(size));
            Some((position, action, key))
        })
    }

    /// Who asked at a position.
    fn key_at(&self, position: usize) -> Option<Key> {
        self.events(position).next().map(|(_, _, key)| key)
    }
}

/// One round, as far as it was looked at.
#[derive(Default)]
struct Round {
    /// How many requests it made.
    requests: usize,
    /// How many of them are like the refused one.
    same: usize,
    /// What it asked for so far.
    asked: u64,
    /// Its last requests.
    last: VecDeque<Key>,
    /// What is in use, by what was at its start.
    live: i128,
    /// The same right before the request that is looked for.
    found: Option<i128>,
    /// The most since then.
    peak: i128,
    /// True where a request was refused in it: how it would have gone on is not known.
    broken: bool,
}

impl Round {
    fn add(&mut self, action: Action, key: Key, looked_for: Key) {
        match action {
            Action::Alloc => {
                self.requests += 1;
                self.asked = sum([self.asked, key.1].into_iter());
                self.live += i128::from(key.1);
                if self.last.len() == RUN {
                    self.last.pop_front();
                }
                self.last.push_back(key);
                self.same += usize::from(key == looked_for);
                self.peak = self.peak.max(self.live);
            }
            Action::FreeCompleted => self.live -= i128::from(key.1),
            Action::Oom => self.broken = true,
            _ => {}
        }
    }

    /// True where this round came here by the same way as that one came to its end.
    fn is_like(&self, now: &Self) -> bool {
        let near = |one: u64, other: u64| one.abs_diff(other) <= one.max(other) / 16;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let run = self.last.iter().rev().zip(now.last.iter().rev());
        let run = run.take_while(|(one, other)| one == other).count();
        near(count(self.requests), count(now.requests))
            && near(self.asked, now.asked)
            && run >= now.requests.min(RUN)
    }

    /// How far memory rose after the request, beyond what the request itself took.
    fn rise(&self, size: u64) -> Option<u64> {
        let before = self.found.filter(|_| !self.broken)?;
        let rise = self.peak - before - i128::from(size);
        Some(u64::try_from(rise.max(0)).unwrap_or(u64::MAX))
    }
}

//! What the program would have asked for next, from what it asked for in rounds before.
//!
//! A round that came to the same request by the same way shows it: how far memory rose from there until the program came back
//! to that request. Where it keeps more and more, the next round begins higher, so that the end of the round is too soon. The request is found in each round by its place among those of its own stack and size, and believed
//! where the requests before it were the same ones.

use std::collections::VecDeque;

use crate::bytes::sum;
use crate::evidence::Next;
use crate::snapshot::{Action, Request, Snapshot, rounding};

/// So many of the latest rounds are enough: the first ones of a program are unlike the others.
const ROUNDS: usize = 8;
/// So many are looked through first.
const LATEST: usize = 4 * ROUNDS;
/// So many requests before the refused one must be the same, or all of the round, where they are fewer.
const RUN: usize = 16;
/// The record may begin in the midst of its first round: so many requests before the refused one must then be the same.
const LONG: usize = 256;
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
        let last = *rounds.last()?;
        let begun = search.key_at(last)? == search.key && search.current(last).same == 1;
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
    /// How far memory rose in the latest rounds that came to the same request, until the program came back to it; `None` where
    /// none did.
    fn rises(&self, rounds: &[usize]) -> Option<Vec<u64>> {
        let second = *rounds.get(1)?;
        if !self.asked_before(*rounds.first()?) {
            return None;
        }
        // The latest rounds mostly come to it: the others of a long record need not be gone through.
        let latest = rounds.get(rounds.len().saturating_sub(LATEST)..)?;
        let rises = self.rises_of(latest, second);
        if latest.len() == rounds.len() || rises.as_ref().is_some_and(|r| r.len() == ROUNDS) {
            return rises;
        }
        self.rises_of(rounds, second)
    }

    /// The same in these rounds; the record's second round begins at `second`.
    fn rises_of(&self, rounds: &[usize], second: usize) -> Option<Vec<u64>> {
        let (current, earlier) = rounds.split_last()?;
        let now = self.current(*current);
        let mut starts = rounds.iter().copied().peekable();
        let mut rises = VecDeque::new();
        let (mut round, mut window) = (Round::default(), None::<Window>);
        for (position, action, key) in self.events(*earlier.first()?) {
            while starts.next_if(|start| *start <= position).is_some() {
                round = Round::default();
                // A round that does not come back to the request says nothing of the one before.
                window = window.take().and_then(Window::of_the_next_round);
            }
            let here = action == Action::Alloc && key == self.key;
            if here && position < *current {
                match round.look(&now, position < second) {
                    Place::Same => {
                        let before = window.replace(Window::default());
                        rises.extend(before.map(|window| window.rise(key.1)));
                    }
                    Place::Open => window = None,
                    Place::Other => {}
                }
            }
            if rises.len() > ROUNDS {
                rises.pop_front();
            }
            round.add(action, key, self.key);
            window = window.take().and_then(|window| window.add(action, key));
        }
        rises.extend(window.map(|window| window.rise(self.key.1)));
        let over = rises.len().saturating_sub(ROUNDS);
        let rises: Vec<u64> = rises.into_iter().skip(over).collect();
        (!rises.is_empty()).then_some(rises)
    }

    /// True where the same was asked for from a position on: where it was not, no round need be gone through.
    fn asked_before(&self, from: usize) -> bool {
        let (stack, block) = self.key;
        let events = &self.snapshot.events;
        let trace = self.snapshot.traces.get(self.device).into_iter();
        let rows = trace.flat_map(|trace| trace.from(from));
        let mut rows = rows.take_while(|(position, _)| *position < self.until);
        rows.any(|(_, row)| {
            let asks = |(action, size, _)| action == Action::Alloc && self.block(size) == block;
            events.stack(row) == stack && events.change(row).is_some_and(asks)
        })
    }

    /// The round in which the request was refused, until then.
    fn current(&self, start: usize) -> Round {
        let mut now = Round::default();
        for (_, action, key) in self.events(start) {
            now.add(action, key, self.key);
        }
        now
    }

    /// The events from a position on, before the refusal.
    fn events(&self, from: usize) -> impl Iterator<Item = (usize, Action, Key)> {
        let trace = self.snapshot.traces.get(self.device).into_iter();
        let rows = trace.flat_map(move |trace| trace.from(from));
        let rows = rows.take_while(|(position, _)| *position < self.until);
        rows.filter_map(|(position, row)| {
            let (action, size, _) = self.snapshot.events.change(row)?;
            let key = (self.snapshot.events.stack(row), self.block(size));
            Some((position, action, key))
        })
    }

    /// The block that a request takes.
    fn block(&self, request: u64) -> u64 {
        rounding::block_with(request, self.snapshot.settings.as_ref())
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
    /// A sum over its last many requests in their order.
    trail: Trail,
    /// True where it came to the request.
    found: bool,
}

/// Whether a request is the refused one of its round.
enum Place {
    /// It is.
    Same,
    /// One before was taken for it and this one is like it too.
    Open,
    /// It is not.
    Other,
}

impl Round {
    fn add(&mut self, action: Action, key: Key, looked_for: Key) {
        if action != Action::Alloc {
            return;
        }
        self.requests += 1;
        self.asked = sum([self.asked, key.1].into_iter());
        if self.last.len() == RUN {
            self.last.pop_front();
        }
        self.last.push_back(key);
        self.trail.push(key);
        self.same += usize::from(key == looked_for);
    }

    /// Whether this round, right before a request like the refused one, has come as far as that one had.
    fn look(&mut self, now: &Self, first: bool) -> Place {
        let follows = first && self.trail.is(&now.trail);
        if self.found {
            // Layers that ask alike: which of them it was is not known.
            return if follows { Place::Open } else { Place::Other };
        }
        self.found = follows || (self.same == now.same && self.is_like(now));
        if self.found {
            Place::Same
        } else {
            Place::Other
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
}

/// The time from the request of one round to the same one of the next.
#[derive(Default)]
struct Window {
    /// What is in use, by what was right before the request.
    live: i128,
    /// The most of it.
    peak: i128,
    /// True where another round has begun since.
    crossed: bool,
}

impl Window {
    /// Goes on; not where a request was refused in it: how the round would have gone on is not known.
    fn add(mut self, action: Action, key: Key) -> Option<Self> {
        match action {
            Action::Alloc => self.live += i128::from(key.1),
            Action::FreeCompleted => self.live -= i128::from(key.1),
            Action::Oom => return None,
            _ => {}
        }
        self.peak = self.peak.max(self.live);
        Some(self)
    }

    /// Goes on in the next round, and not in the one after.
    fn of_the_next_round(self) -> Option<Self> {
        let crossed = true;
        (!self.crossed).then_some(Self { crossed, ..self })
    }

    /// How far memory rose, beyond what the request itself took.
    fn rise(&self, size: u64) -> u64 {
        let rise = self.peak - i128::from(size);
        u64::try_from(rise.max(0)).unwrap_or(u64::MAX)
    }
}

/// A sum over the last `LONG` requests that depends on their order and costs the same for each, however long the record.
#[derive(Default)]
struct Trail {
    sum: u64,
    last: VecDeque<u64>,
}

impl Trail {
    /// An odd number of many bits (Knuth's multiplier for linear congruences).
    const FACTOR: u64 = 6_364_136_223_846_793_005;
    /// What the oldest of them counts by then: the factor, `LONG` times (256).
    const WEIGHT: u64 = Self::FACTOR.wrapping_pow(256);

    fn push(&mut self, (stack, size): Key) {
        let key = (size ^ u64::from(stack).rotate_left(40)).wrapping_mul(Self::FACTOR);
        let key = key ^ (key >> 29);
        self.sum = self.sum.wrapping_mul(Self::FACTOR).wrapping_add(key);
        self.last.push_back(key);
        if self.last.len() > LONG
            && let Some(gone) = self.last.pop_front()
        {
            self.sum = self.sum.wrapping_sub(gone.wrapping_mul(Self::WEIGHT));
        }
    }

    /// True where both are whole and the same.
    fn is(&self, other: &Self) -> bool {
        self.last.len() == LONG && self.last.len() == other.last.len() && self.sum == other.sum
    }
}

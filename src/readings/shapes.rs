//! Lines that differ from an earlier one in nothing but their digits: what they say is known, but for the numbers.
//!
//! A log that prints its memory does it in a few shapes, again and again. Once a shape has come some times, the line is read as
//! every other, and it is noted from which of its numbers each figure came. Whether digits decide more than the figures is
//! tried: the line is read with each digit in the place of all of its own, and where one of these says anything else than what
//! the note makes of it, the shape is left to be read every time.

use super::numbers::{self, Number};
use super::one_line::{Alone, Kept, Said};
use crate::bytes::{GIB, KIB, MIB, TIB};
use crate::text::shapes::{fold, hash, number_at, only};
use crate::text::{self, Line};

/// How many shapes are kept.
const SLOTS: usize = 256;
/// Longer lines are not looked at.
const LONGEST: usize = 1024;
/// A shape is worth its note when it has come so often.
const OFTEN: u8 = 4;
/// After so many lines of which none could be noted, no more are tried.
const ENOUGH: u8 = 12;
/// The units of sizes.
const UNITS: [u64; 5] = [GIB, MIB, 1, KIB, TIB];

/// The shapes that came last.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    slots: Vec<Slot>,
    /// The line that is being read, with a zero for each digit; kept for the memory.
    folded: Vec<u8>,
}

/// One shape.
#[derive(Debug, Default)]
struct Slot {
    hash: u64,
    /// How often it came while nothing was noted.
    seen: u8,
    known: Option<Box<Known>>,
}

/// What is known of the lines of a shape.
#[derive(Debug)]
struct Known {
    /// The line with a zero for each digit.
    folded: Box<[u8]>,
    /// What a line says; the numbers are those of the last one.
    said: Reads,
    /// For each reading where its number begins in the text, and its unit.
    sizes: Vec<(usize, u64)>,
    /// Where the step, the number of steps, the epoch and the device stand in the text.
    counts: [Option<usize>; 4],
    /// Where the rank stands in the line.
    rank: Option<usize>,
}

/// What a line says, and who wrote it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reads {
    /// The part of the line that is its text.
    start: usize,
    end: usize,
    pub(super) rank: Option<u32>,
    pub(super) lane: String,
    pub(super) kept: Kept,
}

impl Shapes {
    /// What a line says and its text, where that is known from lines of its shape.
    pub(super) fn read<'a>(&mut self, raw: &'a [u8]) -> Option<(&'a str, &Reads)> {
        if raw.len() > LONGEST {
            return None;
        }
        fold(raw, b'0', &mut self.folded);
        let hash = hash(&self.folded);
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Slot::default);
        }
        let slot = usize::try_from(hash >> 32).ok()? % SLOTS;
        let slot = self.slots.get_mut(slot)?;
        if slot.hash != hash {
            *slot = Slot {
                hash,
                ..Slot::default()
            };
        }
        if slot.known.is_none() {
            if slot.seen >= ENOUGH {
                return None;
            }
            slot.seen += 1;
            if slot.seen >= OFTEN {
                slot.known = Known::of(raw, &self.folded).map(Box::new);
            }
        }
        let known = slot.known.as_mut()?;
        if *known.folded != *self.folded {
            return None;
        }
        let text = known.take(raw)?;
        Some((text, &known.said))
    }
}

impl Known {
    /// What is known of all lines that are like this one but for their digits.
    fn of(raw: &[u8], folded: &[u8]) -> Option<Self> {
        let said = Reads::of(raw)?;
        let text = std::str::from_utf8(raw.get(said.start..said.end)?).ok()?;
        let numbers: Vec<Number> = numbers(text).collect();
        let sizes = said.kept.list.iter().map(|(reading, _)| {
            let pairs = UNITS
                .iter()
                .flat_map(|unit| numbers.iter().map(move |n| (n, *unit)));
            only(pairs.filter(|(n, unit)| n.of(*unit) == Some(reading.bytes)))
        });
        let sizes: Option<Vec<_>> = sizes
            .map(|found| found.map(|(number, unit)| (number.start, unit)))
            .collect();
        let steps = said.kept.steps;
        let counts = [
            steps.step,
            steps.total,
            steps.outer,
            steps.device.map(u64::from),
        ];
        let places = counts.map(|count| {
            let of = numbers.iter().filter(|n| n.whole() == count);
            count.and_then(|_| only(of)).map(|number| number.start)
        });
        let before = raw.get(..said.start)?;
        let rank = said.rank.and_then(|rank| {
            only((0..before.len()).filter(|at| number_at(before, *at) == Some(rank)))
        });
        let mut known = Self {
            folded: folded.into(),
            sizes: sizes?,
            counts: places,
            rank,
            said,
        };
        let mut other = Vec::new();
        let fits = (b'0'..=b'9').all(|digit| {
            fold(raw, digit, &mut other);
            let read = Reads::of(&other);
            read.is_some() && known.take(&other).is_some() && read.as_ref() == Some(&known.said)
        });
        let complete = counts
            .iter()
            .zip(places)
            .all(|(count, place)| count.is_some() == place.is_some());
        (fits && complete && known.said.rank.is_some() == rank.is_some()).then_some(known)
    }

    /// Takes the numbers of a line of this shape; returns its text.
    fn take<'a>(&mut self, raw: &'a [u8]) -> Option<&'a str> {
        let said = &mut self.said;
        let text = std::str::from_utf8(raw.get(said.start..said.end)?).ok()?;
        for ((reading, _), (at, unit)) in said.kept.list.iter_mut().zip(&self.sizes) {
            reading.bytes = numbers::at(text, *at)?.of(*unit)?;
        }
        let count = |place: Option<usize>| match place {
            Some(at) => numbers::at(text, at)?.whole().map(Some),
            None => Some(None),
        };
        let [step, total, outer, device] = self.counts;
        let steps = &mut said.kept.steps;
        (steps.step, steps.total, steps.outer) = (count(step)?, count(total)?, count(outer)?);
        steps.device = match count(device)? {
            Some(device) => Some(u32::try_from(device).ok()?),
            None => None,
        };
        if let Some(at) = self.rank {
            said.rank = Some(number_at(raw.get(..said.start)?, at)?);
        }
        Some(text)
    }
}

impl Reads {
    /// Reads a line as every line is read; `None` for one that says nothing, or not by itself, or not in one piece.
    fn of(raw: &[u8]) -> Option<Self> {
        let [line]: [Line; 1] = text::drawings(raw, 1, &[]).try_into().ok()?;
        let mut end = raw.len();
        while raw.get(..end)?.ends_with(b"\r") {
            end -= 1;
        }
        let start = end.checked_sub(line.text.len())?;
        if raw.get(start..end)? != line.text.as_bytes() {
            return None;
        }
        let alone = Alone::of(line, &[]);
        let Said::Readings(kept) = alone.said else {
            return None;
        };
        (!alone.marked.card()).then_some(Self {
            start,
            end,
            rank: alone.line.rank,
            lane: alone.line.lane,
            kept: *kept,
        })
    }
}

/// All numbers of a text.
fn numbers(text: &str) -> impl Iterator<Item = Number> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let number = numbers::next(text, from)?;
        from = number.end;
        Some(number)
    })
}

#[cfg(test)]
mod tests;

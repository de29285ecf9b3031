//! Lines that differ from an earlier one in nothing but their digits: what was found out about that one is known of them.
//!
//! A log prints the same few kinds of lines, thousands of times around its failures. Where a line of a known shape begins to be text,
//! and who wrote it, is taken over, and readers that most lines do not concern keep by shape which ones do.

use std::cell::RefCell;
use std::ops::BitOr;

use super::{Drawn, Line, read_line, width};

/// How many shapes are kept.
const SLOTS: usize = 1024;
/// Longer lines are not looked at.
const LONGEST: usize = 1024;

thread_local! {
    /// The shapes of the lines that this thread cleaned.
    static SHAPES: RefCell<Shapes> = RefCell::default();
}

/// Which shape a line has, where that is known. Lines are the same whatever is known of them.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub(crate) struct Shape(u32);

impl PartialEq for Shape {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What a reader knows of the shapes that came last. It must not matter which digits a line has.
pub(crate) struct ByShape<T>(Vec<(u32, T)>);

impl<T> Default for ByShape<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Default + BitOr<Output = T>> ByShape<T> {
    /// What is known of the line, or what is read of it.
    pub(crate) fn of(&mut self, line: &Line, read: impl Fn(&str) -> T) -> T {
        let Shape(shape) = line.shape;
        if shape == 0 {
            return read(&line.text);
        }
        if self.0.is_empty() {
            self.0.resize(SLOTS, (0, T::default()));
        }
        let slot = usize::try_from(shape).unwrap_or_default() % SLOTS;
        let Some((known, told)) = self.0.get_mut(slot) else {
            return read(&line.text);
        };
        if *known != shape {
            // Zero is a digit that could count less than others.
            (*known, *told) = (shape, read(&line.text) | read(&ones(&line.text)));
        }
        *told
    }
}

fn ones(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_digit(), "1")
}

/// The shape with other digits for each of the fills.
#[cfg(test)]
pub(crate) fn filled(shape: &str, fills: &[u64]) -> Vec<String> {
    let with = |fill: &u64| {
        let mut left = *fill;
        let digit = |c: char| {
            if !c.is_ascii_digit() {
                return c;
            }
            left = left.rotate_right(7).wrapping_mul(31);
            char::from(b'0' + u8::try_from(left % 10).unwrap())
        };
        shape.chars().map(digit).collect()
    };
    fills.iter().map(with).collect()
}

/// Asserts for each line of all cases that what a reader tells of it is told of its shape.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test reads the cases")]
pub(crate) fn no_digit_decides<T>(read: impl Fn(&str) -> T)
where
    T: Copy + PartialEq + std::fmt::Debug + BitOr<Output = T>,
{
    for case in std::fs::read_dir("fixtures/cases").unwrap() {
        let Ok(log) = std::fs::read(case.unwrap().path().join("log.txt")) else {
            continue;
        };
        for line in super::clean(&log, 1) {
            let of_shape = read(&ones(&line.text));
            assert_eq!(read(&line.text) | of_shape, of_shape, "{}", line.text);
        }
    }
}

/// The shapes that came last.
#[derive(Default)]
struct Shapes {
    slots: Vec<Slot>,
    /// How many there were.
    numbered: u32,
    /// The line that is being read, with a zero for each digit; kept for the memory.
    folded: Vec<u8>,
}

/// One shape: at first only that it came, then what is known of it.
#[derive(Default)]
struct Slot {
    hash: u64,
    tried: bool,
    known: Option<Box<Known>>,
}

/// What is known of the lines of a shape, each of which is a prefix and one text.
struct Known {
    /// The line with a zero for each digit.
    folded: Box<[u8]>,
    shape: Shape,
    cleaned: Cleaned,
    /// Where in the prefix the rank stands.
    rank: Option<usize>,
}

/// How a line is cleaned that has nothing within its text to be taken out.
#[derive(PartialEq)]
struct Cleaned {
    /// The part of the raw line that is its text.
    start: usize,
    end: usize,
    /// How wide the line is, prefix and all.
    width: usize,
    rank: Option<u32>,
    lane: String,
    error: bool,
}

/// The clean line and the width of the raw one, where that is known from others of its shape.
pub(super) fn line(raw: &[u8], number: u64) -> Option<(Line, usize)> {
    if raw.is_empty() || raw.len() > LONGEST {
        return None;
    }
    SHAPES.with_borrow_mut(|shapes| {
        let known = shapes.known(raw)?;
        let Cleaned { start, end, .. } = known.cleaned;
        let rank = match known.rank {
            Some(at) => Some(number_at(raw.get(..start)?, at)?),
            None => None,
        };
        let line = Line {
            number,
            text: str::from_utf8(raw.get(start..end)?).ok()?.to_owned(),
            rank,
            lane: known.cleaned.lane.clone(),
            error: known.cleaned.error,
            shape: known.shape,
        };
        Some((line, known.cleaned.width))
    })
}

impl Shapes {
    fn known(&mut self, raw: &[u8]) -> Option<&Known> {
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
            return None;
        }
        if !slot.tried {
            slot.tried = true;
            self.numbered = self.numbered.checked_add(1)?;
            slot.known = Known::of(raw, &self.folded, Shape(self.numbered)).map(Box::new);
        }
        let known = slot.known.as_deref()?;
        (*known.folded == *self.folded).then_some(known)
    }
}

impl Known {
    /// What is known of all lines that are like this one but for their digits: with each digit in the place of all of its own the line
    /// is cleaned in the same way.
    fn of(raw: &[u8], folded: &[u8], shape: Shape) -> Option<Self> {
        let cleaned = Cleaned::of(raw)?;
        let prefix = raw.get(..cleaned.start)?;
        let rank = match cleaned.rank {
            Some(rank) => {
                let here = |at: &usize| number_at(prefix, *at) == Some(rank);
                Some(only((0..prefix.len()).filter(here))?)
            }
            None => None,
        };
        let mut other = Vec::new();
        let same = (b'0'..=b'9').all(|digit| {
            fold(raw, digit, &mut other);
            Cleaned::of(&other).is_some_and(|other_one| {
                let prefix = other.get(..cleaned.start).unwrap_or_default();
                let rank = rank.and_then(|at| number_at(prefix, at));
                let expected = Cleaned {
                    rank,
                    lane: cleaned.lane.clone(),
                    ..cleaned
                };
                expected == other_one
            })
        });
        same.then(|| Self {
            folded: folded.into(),
            shape,
            cleaned,
            rank,
        })
    }
}

impl Cleaned {
    /// How a line is cleaned; `None` where that takes more than a prefix off.
    fn of(raw: &[u8]) -> Option<Self> {
        let mut lines = Vec::with_capacity(1);
        let whole = read_line(raw, 1, (&[], Drawn::Shown), &mut lines);
        let [line]: [Line; 1] = lines.try_into().ok()?;
        let mut end = raw.len();
        while raw.get(..end)?.ends_with(b"\r") {
            end -= 1;
        }
        let start = end.checked_sub(line.text.len())?;
        (raw.get(start..end)? == line.text.as_bytes()).then(|| Self {
            start,
            end,
            width: width(&whole),
            rank: line.rank,
            lane: line.lane,
            error: line.error,
        })
    }
}

/// The only one of several; `None` where there are more or none.
pub(crate) fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    let first = of.next()?;
    of.next().is_none().then_some(first)
}

/// The number that begins at this byte, where a digit stands there and none before it.
pub(crate) fn number_at(text: &[u8], at: usize) -> Option<u32> {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    if at.checked_sub(1).is_some_and(digit) {
        return None;
    }
    let rest = text.get(at..)?;
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(rest.get(..length)?).ok()?.parse().ok()
}

/// The line with another digit for each of its own.
pub(crate) fn fold(raw: &[u8], digit: u8, into: &mut Vec<u8>) {
    into.clear();
    into.extend_from_slice(raw);
    // In place: this way the compiler folds many bytes at a time.
    for byte in into {
        *byte = if byte.is_ascii_digit() { digit } else { *byte };
    }
}

/// A number that hardly two shapes share.
pub(crate) fn hash(folded: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = folded.as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let length = u64::try_from(folded.len()).unwrap_or(u64::MAX);
    let hash = words
        .iter()
        .fold(length, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let rest = rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    mix(hash, rest)
}

#[cfg(test)]
mod tests;

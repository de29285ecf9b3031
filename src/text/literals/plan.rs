//! Which four bytes of each literal are looked for: few windows, such as hardly stand in other text.
//!
//! The choice decides about speed only. Each literal has one window, so it is found once wherever it stands.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::buckets::WIDTH;
use super::groups::commonness;
use super::{Text, folded};

/// Buckets in which the windows of a sample are counted.
const COUNTERS: usize = 1 << 16;
/// Of every four such parts of a sample one is looked at.
const PART: usize = 4 << 10;
/// So many groups of bytes are kept of a sample.
const MOST_GROUPS: usize = 1024;
/// What one window more costs, in places of the sample: the buckets fill, and others seem to be in them.
const ANOTHER: f32 = 25.0;

/// What is looked for of one or more literals: up to four bytes, folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    pub(super) folded: u32,
    /// The bits of the bytes that it has: a literal of three bytes leaves one open.
    pub(super) mask: u32,
}

/// A window of a literal, and where in it it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) window: Window,
    pub(super) literal: u16,
    pub(super) offset: u16,
}

impl Window {
    fn of(bytes: &[u8]) -> Self {
        let mask = if bytes.len() < WIDTH {
            u32::MAX >> 8
        } else {
            u32::MAX
        };
        Self {
            folded: folded(bytes) & mask,
            mask,
        }
    }

    /// Its bytes; `None` where any will do.
    pub(super) fn bytes(self) -> [Option<u8>; WIDTH] {
        let mut open = self.mask.to_le_bytes().into_iter();
        self.folded
            .to_le_bytes()
            .map(|byte| open.next().filter(|mask| *mask != 0).map(|_| byte))
    }
}

/// Words of [`Members`].
pub(super) const MEMBERS: usize = MOST_GROUPS / 64;
/// Some groups of bytes, a bit for each.
pub(super) type Members = [u64; MEMBERS];

/// What a filter sees of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Its lower and its upper half, each by itself.
    Halves,
    /// Its lower five bits.
    Fives,
}

/// The parts of a window that are looked at: two of each byte.
pub(super) const PARTS: usize = 2 * WIDTH;
/// What these parts can be, a bit for each value.
pub(super) type Codes = [u32; PARTS];

impl View {
    /// The two parts of a folded byte.
    fn parts(self, byte: u8) -> [u8; 2] {
        match self {
            Self::Halves => [byte & 15, byte >> 4],
            Self::Fives => [byte & 31, 0],
        }
    }

    /// What the parts of a window can be.
    pub(super) fn codes(self, window: Window) -> Codes {
        let mut codes = [u32::MAX; PARTS];
        let bytes = window.bytes();
        for (codes, byte) in codes.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            if let Some(byte) = byte {
                *codes = self.parts(byte).map(|part| 1 << part);
            }
        }
        codes
    }
}

/// What stands in a sample: groups of four folded bytes, the most frequent ones.
pub(super) struct Groups {
    /// Which share of all groups each is.
    shares: Vec<f32>,
    /// For each part of a group and each value of it the groups that have it.
    with: Vec<[Members; 32]>,
    /// Which share of all bytes have this value as their first or second part.
    bytes: [[f32; 32]; 2],
    pub(super) view: View,
}

impl Groups {
    pub(super) fn of(sample: &[u8], view: View) -> Self {
        let parts = sample.chunks(4 * PART);
        let parts = parts.filter_map(|chunk| chunk.get(..PART.min(chunk.len())));
        let mut all: Vec<u32> = parts
            .flat_map(|part| part.windows(WIDTH))
            .map(folded)
            .collect();
        all.sort_unstable();
        let one = 1.0 / number(all.len()).max(1.0);
        let mut groups: Vec<_> = all
            .chunk_by(|a, b| a == b)
            .filter_map(|same| Some((same.len(), *same.first()?)))
            .collect();
        groups.sort_unstable_by_key(|group| Reverse(*group));
        groups.truncate(MOST_GROUPS);
        let mut this = Self {
            shares: groups
                .iter()
                .map(|(count, _)| number(*count) * one)
                .collect(),
            with: vec![[[0; MEMBERS]; 32]; PARTS],
            // What the sample lacks is rare, not impossible.
            bytes: [[one; 32]; 2],
            view,
        };
        for [first, ..] in all.iter().map(|group| group.to_le_bytes()) {
            for (shares, part) in this.bytes.iter_mut().zip(view.parts(first)) {
                if let Some(share) = shares.get_mut(usize::from(part)) {
                    *share += one;
                }
            }
        }
        for (index, (_, group)) in groups.into_iter().enumerate() {
            let parts = group.to_le_bytes().into_iter().flat_map(|b| view.parts(b));
            for (tables, part) in this.with.iter_mut().zip(parts) {
                let members = tables.get_mut(usize::from(part));
                if let Some(word) = members.and_then(|members| members.get_mut(index / 64)) {
                    *word |= 1 << (index % 64);
                }
            }
        }
        this
    }

    /// The groups that have one of these values, for each part.
    pub(super) fn with(&self, codes: &Codes) -> [Members; PARTS] {
        let mut all = [[0; MEMBERS]; PARTS];
        for ((with, tables), codes) in all.iter_mut().zip(&self.with).zip(codes) {
            for (members, _) in tables
                .iter()
                .zip(0..)
                .filter(|(_, code)| codes >> code & 1 != 0)
            {
                let words = with.iter_mut().zip(members);
                words.for_each(|(with, members)| *with |= members);
            }
        }
        all
    }

    /// Which share of all groups these are.
    pub(super) fn count(&self, members: &Members) -> f32 {
        let mut count = 0.0;
        for (word, shares) in members.iter().zip(self.shares.chunks(64)) {
            let mut word = *word;
            while word != 0 {
                count += shares.get(word.trailing_zeros() as usize).unwrap_or(&0.0);
                word &= word - 1;
            }
        }
        count
    }

    /// Which share of all bytes has one of these values as this part of a window.
    pub(super) fn share(&self, part: usize, codes: u32) -> f32 {
        let (mut left, mut share) = (codes, 0.0);
        let shares = self.bytes.get(part % 2);
        while left != 0 {
            let more = shares.and_then(|shares| shares.get(left.trailing_zeros() as usize));
            share += more.unwrap_or(&0.0);
            left &= left - 1;
        }
        share
    }
}

/// As a number to reckon with; large ones are as good as larger ones.
fn number(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}

/// One window while windows are chosen.
struct Candidate {
    window: Window,
    /// How often it stands in the sample, with some for what the sample does not show.
    cost: f32,
    /// The literals that hold it and have no window yet, and where they hold it.
    holders: Vec<(u16, u16)>,
}

impl Candidate {
    /// What it costs for each literal that it finds, as a number that is larger where that is larger.
    fn price(&self) -> u32 {
        let found = u16::try_from(self.holders.len()).map_or(f32::MAX, f32::from);
        // Each place at which it stands is compared with each holder.
        let price = (self.cost * (1.0 + 0.2 * found) + ANOTHER) / found;
        price.to_bits()
    }
}

/// A window for each literal: the cheapest for what is left, until each has one.
pub(super) fn choose(texts: &[Text], sample: &[u8]) -> Vec<Chosen> {
    let mut candidates = candidates(texts, &Counts::of(sample));
    let prices = candidates.iter().map(Candidate::price).zip(0..);
    let mut queue: BinaryHeap<Reverse<(u32, usize)>> = prices.map(Reverse).collect();
    let mut open = vec![true; texts.len()];
    let mut chosen = Vec::new();
    while let Some(Reverse((price, index))) = queue.pop() {
        let Some(candidate) = candidates.get_mut(index) else {
            continue;
        };
        let left = |literal: u16| open.get(usize::from(literal)).is_some_and(|open| *open);
        candidate.holders.retain(|(literal, _)| left(*literal));
        if candidate.holders.is_empty() {
            continue;
        }
        // What others have found since makes it dearer, never cheaper.
        if candidate.price() != price {
            queue.push(Reverse((candidate.price(), index)));
            continue;
        }
        for (literal, offset) in candidate.holders.drain(..) {
            if let Some(open) = open.get_mut(usize::from(literal)) {
                *open = false;
            }
            chosen.push(Chosen {
                window: candidate.window,
                literal,
                offset,
            });
        }
    }
    chosen
}

/// All windows of all literals, with their holders.
fn candidates(texts: &[Text], counts: &Counts) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (text, literal) in texts.iter().zip(0..) {
        let bytes = text.bytes();
        let windows = bytes.windows(bytes.len().min(WIDTH)).zip(0..);
        all.extend(windows.map(|(part, offset)| (Window::of(part), literal, offset)));
    }
    all.sort_unstable();
    all.dedup_by_key(|(window, literal, _)| (*window, *literal));
    let same = all.chunk_by(|a, b| a.0 == b.0);
    same.filter_map(|same| {
        let window = same.first()?.0;
        Some(Candidate {
            window,
            cost: counts.cost(window),
            holders: same
                .iter()
                .map(|(_, literal, at)| (*literal, *at))
                .collect(),
        })
    })
    .collect()
}

/// How often windows stand in a sample; some share a counter.
struct Counts(Vec<u16>);

impl Counts {
    fn of(sample: &[u8]) -> Self {
        let mut counts = Self(vec![0; COUNTERS]);
        for part in sample.windows(WIDTH) {
            let folded = folded(part);
            for folded in [folded, folded & (u32::MAX >> 8)] {
                if let Some(count) = counts.0.get_mut(counter(folded)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        counts
    }

    /// How often the window was seen, and a little for what the sample may not show.
    fn cost(&self, window: Window) -> f32 {
        let seen = self.0.get(counter(window.folded));
        let bytes = window.bytes().into_iter().flatten();
        let guess: u16 = bytes
            .map(|byte| u16::try_from(commonness(byte)).unwrap_or(1))
            .product();
        seen.map_or(0.0, |n| f32::from(*n)) + f32::from(guess) / 50.0
    }
}

/// The counter of a window.
fn counter(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

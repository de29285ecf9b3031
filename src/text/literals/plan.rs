//! Which four bytes of each literal are looked for: few windows, such as hardly stand in other text.
//!
//! The choice decides about speed only. Each literal has one window, so it is found once wherever it stands.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::groups::commonness;
use super::nibbles::WIDTH;
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

/// Some groups of bytes, a bit for each.
type Members = [u64; MOST_GROUPS / 64];

/// What stands in a sample: groups of four bytes, the most frequent ones.
pub(super) struct Groups {
    /// How often each was seen.
    counts: Vec<f32>,
    /// For each byte of a group, and for each lower and upper half that it can have, the groups in which it has that.
    halves: [[[Members; 16]; 2]; WIDTH],
}

impl Groups {
    pub(super) fn of(sample: &[u8]) -> Self {
        let mut groups = Self {
            counts: Vec::new(),
            halves: [[[Members::default(); 16]; 2]; WIDTH],
        };
        for (index, (group, count)) in most_frequent(sample).into_iter().enumerate() {
            groups.counts.push(f32::from(count));
            for ([low, high], byte) in groups.halves.iter_mut().zip(group) {
                for (half, table) in [(byte & 15, low), (byte >> 4, high)] {
                    let bits = table.get_mut(usize::from(half));
                    if let Some(word) = bits.and_then(|bits| bits.get_mut(index / 64)) {
                        *word |= 1 << (index % 64);
                    }
                }
            }
        }
        groups
    }

    /// Adds to what can be seen the groups that have this half of a byte at this place, the lower or the upper one.
    pub(super) fn let_in(&self, seen: &mut Seen, place: usize, upper: bool, half: usize) {
        let half_of = usize::from(upper);
        let tables = self
            .halves
            .get(place)
            .and_then(|halves| halves.get(half_of));
        let more = tables.and_then(|table| table.get(half));
        let known = seen
            .0
            .get_mut(place)
            .and_then(|halves| halves.get_mut(half_of));
        if let (Some(known), Some(more)) = (known, more) {
            let words = known.iter_mut().zip(more);
            words.for_each(|(known, more)| *known |= more);
        }
    }

    /// How many places of the sample are in what can be seen, with each half of each byte.
    pub(super) fn count(&self, seen: &Seen) -> f32 {
        let mut left = [u64::MAX; MOST_GROUPS / 64];
        for members in seen.0.iter().flatten() {
            left.iter_mut()
                .zip(members)
                .for_each(|(left, members)| *left &= members);
        }
        let mut count = 0.0;
        for (mut word, counts) in left.into_iter().zip(self.counts.chunks(64)) {
            while word != 0 {
                count += counts.get(word.trailing_zeros() as usize).unwrap_or(&0.0);
                word &= word - 1;
            }
        }
        count
    }
}

/// For each byte of a group, and for its lower and its upper half, the groups that have one of the halves that were let in.
#[derive(Clone, Default)]
pub(super) struct Seen([[Members; 2]; WIDTH]);

/// The most frequent groups of four bytes of a sample, folded, and how often each was seen.
fn most_frequent(sample: &[u8]) -> Vec<([u8; WIDTH], u16)> {
    let parts = sample.chunks(4 * PART);
    let parts = parts.filter_map(|chunk| chunk.get(..PART.min(chunk.len())));
    let all = parts.flat_map(|part| part.windows(WIDTH)).map(folded);
    let mut all: Vec<u32> = all.collect();
    all.sort_unstable();
    let mut groups: Vec<_> = all
        .chunk_by(|a, b| a == b)
        .filter_map(|same| {
            let count = u16::try_from(same.len()).unwrap_or(u16::MAX);
            Some((same.first()?.to_le_bytes(), count))
        })
        .collect();
    groups.sort_by_key(|(_, count)| Reverse(*count));
    groups.truncate(MOST_GROUPS);
    groups
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

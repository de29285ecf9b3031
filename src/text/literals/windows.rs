//! The fast search: a filter finds the places that can be a window of a literal, a table tells of which ones.

use std::cell::Cell;

use super::buckets::WIDTH;
use super::plan::{self, Chosen, Groups, View, Window};
use super::tables::Tables;
use super::{Hit, Part, Text, filter, folded};

/// Slots of the table of windows.
const SLOTS: usize = 1 << 12;
/// Words of the table of what windows can be: 2^15 bits.
const WORDS: usize = 1 << 9;
/// The bits of a window of three bytes.
const SHORT: u32 = u32::MAX >> 8;
/// So many bytes are filtered before what was found is looked at.
const PIECE: usize = 16 << 10;

thread_local! {
    /// The places that the filter found, kept for the memory.
    static PLACES: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
}

/// What the fast search looks for.
pub(super) struct Windows {
    tables: Tables,
    /// A bit for each hash of a window. The filter lets some times as many places through, and most of them end here.
    known: [u64; WORDS],
    /// For each slot where its entries begin.
    slots: Vec<u16>,
    /// Ordered by their slot.
    entries: Vec<Entry>,
}

/// A literal that holds a window.
#[derive(Clone, Copy)]
struct Entry {
    window: Window,
    literal: u16,
    offset: u16,
    /// Four other bytes of the literal, to tell most others apart at once, and where they stand in it.
    other: u32,
    other_at: u16,
}

impl Windows {
    /// Chooses what to look for by what stands in a sample.
    pub(super) fn of(texts: &[Text], sample: &[u8], view: View) -> Self {
        let chosen = plan::choose(texts, sample);
        let mut windows: Vec<Window> = chosen.iter().map(|c| c.window).collect();
        windows.sort_unstable();
        windows.dedup();
        let mut entries: Vec<Entry> = chosen.iter().filter_map(|c| entry(texts, c)).collect();
        entries.sort_by_key(|e| slot(e.window.folded));
        let mut known = [0; WORDS];
        for window in &windows {
            let (word, bit) = cell(window.folded);
            if let Some(word) = known.get_mut(word) {
                *word |= 1 << bit;
            }
        }
        let starts = (0..=SLOTS).map(|slot_at| {
            let before = entries.partition_point(|e| slot(e.window.folded) < slot_at);
            u16::try_from(before).unwrap_or(u16::MAX)
        });
        Self {
            tables: Tables::of(&windows, &Groups::of(sample, view)),
            known,
            slots: starts.collect(),
            entries,
        }
    }

    /// Calls `take` with all literals that begin in the range, in no order.
    pub(super) fn each(&self, part: &Part<'_>, take: &mut impl FnMut(Hit)) {
        let mut places = PLACES.take();
        places.resize(PIECE + WIDTH + filter::SLACK, 0);
        for from in (part.starts.start..part.end).step_by(PIECE) {
            // The next piece begins where this one ends; what begins in this one needs some bytes of it.
            let to = part.end.min(from + PIECE);
            let piece = part.bytes.get(from..part.end.min(to + WIDTH - 1));
            let piece = piece.unwrap_or(&[]);
            let found = filter::filter(&self.tables, piece, &mut places);
            let kept = self.sift(piece, places.get_mut(..found).unwrap_or(&mut []));
            for place in places.iter().take(kept) {
                let at = from + *place as usize;
                if at < to {
                    self.check(part, at, take);
                }
            }
        }
        PLACES.set(places);
    }

    /// Moves the places to the front at which a window stands, and few others; returns how many there are. Whether one does
    /// is not asked: a processor cannot foresee that.
    fn sift(&self, piece: &[u8], places: &mut [u32]) -> usize {
        let mut kept = 0;
        for index in 0..places.len() {
            let place = places.get(index).copied().unwrap_or(0);
            let group = folded(piece.get(place as usize..).unwrap_or(&[]));
            let known = self.knows(group) | self.knows(group & SHORT);
            if let Some(to) = places.get_mut(kept) {
                *to = place;
            }
            kept += usize::from(known);
        }
        kept
    }

    /// Compares the literals of which a window can stand at `at`.
    #[inline]
    fn check(&self, part: &Part<'_>, at: usize, take: &mut impl FnMut(Hit)) {
        let group = folded(part.bytes.get(at..).unwrap_or(&[]));
        for (group, mask) in [(group, u32::MAX), (group & SHORT, SHORT)] {
            if self.knows(group) {
                self.look_up(group, mask, |entry| {
                    entry.compare(part, at).into_iter().for_each(&mut *take);
                });
            }
        }
    }

    /// False where no window is made of these bytes.
    #[inline]
    fn knows(&self, folded: u32) -> bool {
        let (word, bit) = cell(folded);
        self.known.get(word).is_some_and(|w| w >> bit & 1 != 0)
    }

    #[inline]
    fn look_up(&self, folded: u32, mask: u32, mut then: impl FnMut(&Entry)) {
        let slot = slot(folded);
        let Some([from, to]) = self.slots.get(slot..).and_then(<[u16]>::first_chunk) else {
            return;
        };
        let entries = self.entries.get(usize::from(*from)..usize::from(*to));
        for entry in entries.unwrap_or(&[]) {
            if entry.window == (Window { folded, mask }) {
                then(entry);
            }
        }
    }
}

impl Entry {
    /// The literal, where its window stands at `at`.
    #[inline]
    fn compare(&self, part: &Part<'_>, at: usize) -> Option<Hit> {
        let start = at.checked_sub(usize::from(self.offset))?;
        if !part.starts.contains(&start) {
            return None;
        }
        let text = part.texts.get(usize::from(self.literal))?;
        let other = part.bytes.get(start + usize::from(self.other_at)..)?;
        if text.bytes().len() >= WIDTH && folded(other) != self.other {
            return None;
        }
        text.at(part.bytes, start)
    }
}

/// The entry of a literal for its window.
fn entry(texts: &[Text], chosen: &Chosen) -> Option<Entry> {
    let bytes = texts.get(usize::from(chosen.literal))?.bytes();
    // The end of the literal that is farther away.
    let last = bytes.len().saturating_sub(WIDTH);
    let offset = usize::from(chosen.offset);
    let other_at = if offset * 2 > last { 0 } else { last };
    Some(Entry {
        window: chosen.window,
        literal: chosen.literal,
        offset: chosen.offset,
        other: folded(bytes.get(other_at..)?),
        other_at: u16::try_from(other_at).ok()?,
    })
}

/// The word of a window's hash in the table of what is known, and which of its bits.
#[inline]
fn cell(folded: u32) -> (usize, u32) {
    let hash = folded.wrapping_mul(0x9E37_79B1) >> 17;
    ((hash >> 6) as usize, hash & 63)
}

/// The slot of a window.
#[inline]
fn slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

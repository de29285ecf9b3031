//! The fast search: a filter finds the places that can be a window of a literal, a table tells of which ones.

use std::cell::Cell;

use super::nibbles::{Nibbles, WIDTH};
use super::plan::{self, Chosen, Groups, Window};
use super::{Hit, Part, Text, filter, folded};

/// Slots of the table of windows.
const SLOTS: usize = 1 << 12;
/// So many bytes are filtered before what was found is looked at.
const PIECE: usize = 16 << 10;

thread_local! {
    /// The places that the filter found, kept for the memory.
    static PLACES: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
}

/// What the fast search looks for.
pub(super) struct Windows {
    nibbles: Nibbles,
    /// For each slot where its entries begin.
    slots: Vec<u16>,
    /// Ordered by their slot.
    entries: Vec<Entry>,
    /// True where a window has three bytes.
    short: bool,
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
    /// Chooses what to look for by what stands in a sample; `None` where the processor cannot.
    pub(super) fn of(texts: &[Text], sample: &[u8]) -> Option<Self> {
        if !filter::can() {
            return None;
        }
        let chosen = plan::choose(texts, sample);
        let mut windows: Vec<Window> = chosen.iter().map(|c| c.window).collect();
        windows.sort_unstable();
        windows.dedup();
        let mut entries: Vec<Entry> = chosen.iter().filter_map(|c| entry(texts, c)).collect();
        entries.sort_by_key(|e| slot(e.window.folded));
        let starts = (0..=SLOTS).map(|slot_at| {
            let before = entries.partition_point(|e| slot(e.window.folded) < slot_at);
            u16::try_from(before).unwrap_or(u16::MAX)
        });
        Some(Self {
            nibbles: Nibbles::of(&windows, &Groups::of(sample)),
            slots: starts.collect(),
            short: windows.iter().any(|w| w.mask != u32::MAX),
            entries,
        })
    }

    /// Calls `take` with all literals that begin in the range, in no order.
    pub(super) fn each(&self, part: &Part<'_>, take: &mut impl FnMut(Hit)) {
        let mut places = PLACES.take();
        for from in (part.starts.start..part.end).step_by(PIECE) {
            // The next piece begins where this one ends; what begins in this one needs some bytes of it.
            let to = part.end.min(from + PIECE);
            let piece = part.bytes.get(from..part.end.min(to + WIDTH - 1));
            places.clear();
            filter::filter(&self.nibbles, piece.unwrap_or(&[]), &mut places);
            for place in &places {
                let at = from + *place as usize;
                if at < to {
                    self.check(part, at, take);
                }
            }
        }
        PLACES.set(places);
    }

    /// Compares the literals of which a window can stand at `at`.
    #[inline]
    fn check(&self, part: &Part<'_>, at: usize, take: &mut impl FnMut(Hit)) {
        let group = folded(part.bytes.get(at..).unwrap_or(&[]));
        self.look_up(group, u32::MAX, |entry| {
            entry.compare(part, at).into_iter().for_each(&mut *take);
        });
        if self.short {
            let mask = u32::MAX >> 8;
            self.look_up(group & mask, mask, |entry| {
                entry.compare(part, at).into_iter().for_each(&mut *take);
            });
        }
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

/// The slot of a window.
#[inline]
fn slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

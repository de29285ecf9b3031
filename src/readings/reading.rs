//! What a format takes from a line.

use super::steps::{self, Steps};
use crate::bytes::Bytes;
use crate::evidence::Counter;

/// One number of a line that tells how much memory was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading<'a> {
    /// What it counts.
    pub(super) counter: Counter,
    /// For a peak: true where nothing is known to reset it between two prints.
    pub(super) running: bool,
    /// The words that introduce it.
    pub(super) label: &'a str,
    /// The number.
    pub(super) bytes: Bytes,
    /// The device, where the format itself says.
    pub(super) device: Option<u32>,
}

impl Reading<'_> {
    /// The same without the words that introduce it.
    pub(super) fn unlabelled(&self) -> Reading<'static> {
        Reading { label: "", ..*self }
    }
}

/// How many readings one line may give.
const MOST: usize = 8;

/// The readings of one line.
#[derive(Debug, Default)]
pub(super) struct Readings<'a> {
    list: [Option<Reading<'a>>; MOST],
    length: usize,
    /// The step, where the format itself reads it: its number and what it counts.
    pub(super) step: Option<(u64, &'static str)>,
    /// What the line counts by, where the format had to find it.
    pub(super) steps: Option<Steps>,
}

impl<'a> Readings<'a> {
    /// Keeps a reading, unless the line gave too many already or one of the same counter and label.
    pub(super) fn push(&mut self, reading: Reading<'a>) {
        let same = |r: &Reading<'_>| {
            (r.counter, r.label, r.device) == (reading.counter, reading.label, reading.device)
        };
        if self.iter().any(same) || reading.bytes.is_sentinel() {
            return;
        }
        if let Some(slot) = self.list.get_mut(self.length) {
            *slot = Some(reading);
            self.length += 1;
        }
    }

    /// What the line counts by.
    pub(super) fn counted(&self, text: &str) -> Steps {
        let mut steps = self.steps.unwrap_or_else(|| steps::find(text));
        if let Some((step, name)) = self.step {
            (steps.step, steps.name) = (Some(step), name);
        }
        steps
    }

    /// The readings, in the order of the line.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Reading<'a>> {
        self.list.iter().flatten()
    }

    /// True where there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

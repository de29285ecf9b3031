//! Finds, kept with their bytes until somebody has time for them.

use std::mem;
use std::ops::Range;

use crate::scan::Found;

/// A batch of more bytes is handed over.
const FULL: usize = 64 << 10;

/// Some finds, in the order of the input.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    finds: Vec<Find>,
}

/// One find: its bytes are those in the range.
struct Find {
    kind: Kind,
    line: u64,
    range: Range<usize>,
}

enum Kind {
    /// A neighbourhood of failures, and where in the input it begins.
    Window(u64),
    Telemetry,
    Setting,
    Sign,
}

impl Batch {
    /// How many bytes it takes, about.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + size_of::<Find>() * self.finds.len()
    }

    /// What is in it.
    pub(super) fn finds(&self) -> impl Iterator<Item = Found<'_>> {
        self.finds.iter().map(|find| {
            let raw = self.bytes.get(find.range.clone()).unwrap_or_default();
            match find.kind {
                Kind::Window(offset) => Found::Window(find.line, raw, offset),
                Kind::Telemetry => Found::Telemetry(find.line, raw),
                Kind::Setting => Found::Setting(find.line, raw),
                Kind::Sign => Found::Sign(find.line, raw),
            }
        })
    }
}

/// Puts finds into batches.
#[derive(Default)]
pub(super) struct Batches {
    open: Batch,
    full: Vec<Batch>,
    /// Used ones, for their memory.
    spare: Vec<Batch>,
}

impl Batches {
    /// Keeps one more.
    pub(super) fn push(&mut self, found: &Found<'_>) {
        let (kind, line, raw) = match found {
            Found::Window(line, raw, offset) => (Kind::Window(*offset), *line, *raw),
            Found::Telemetry(line, raw) => (Kind::Telemetry, *line, *raw),
            Found::Setting(line, raw) => (Kind::Setting, *line, *raw),
            Found::Sign(line, raw) => (Kind::Sign, *line, *raw),
        };
        let start = self.open.bytes.len();
        if raw.len() >= FULL {
            // A large neighbourhood is the last of its batch: no room for more.
            self.open.bytes.reserve_exact(raw.len());
        }
        self.open.bytes.extend_from_slice(raw);
        let range = start..self.open.bytes.len();
        self.open.finds.push(Find { kind, line, range });
        if self.open.size() >= FULL {
            self.close();
        }
    }

    /// Takes used ones, but for the memory of those that were larger than most.
    pub(super) fn reuse(&mut self, used: &mut Vec<Batch>) {
        for mut batch in used.drain(..) {
            if batch.bytes.capacity() > 2 * FULL {
                continue;
            }
            batch.bytes.clear();
            batch.finds.clear();
            self.spare.push(batch);
        }
    }

    fn close(&mut self) {
        let next = self.spare.pop().unwrap_or_default();
        self.full.push(mem::replace(&mut self.open, next));
    }

    /// All that was kept.
    pub(super) fn take(&mut self) -> Vec<Batch> {
        if !self.open.finds.is_empty() {
            self.close();
        }
        mem::take(&mut self.full)
    }
}

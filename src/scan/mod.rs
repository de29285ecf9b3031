//! One pass over raw bytes: literals find the lines that matter, and only those are kept.
//!
//! Two things come out, in the order of the input: neighbourhoods of lines that announce a failure, and single lines that
//! show telemetry or settings. What comes out depends on the input alone, never on how it was cut into chunks, and the
//! memory that it takes does not grow with the input, nor with the length of a line.

use crate::messages::{self, Role};
use crate::text::literals::{Hit, Literals};
use crate::text::prefixes::AS_NUMBERS;
use crate::{buffers, readings, settings};
use std::cell::Cell;
use std::mem;
use std::ops::Range;
use std::sync::LazyLock;
use windows::Windows;

mod around;
mod blocks;
mod cut;
mod growing;
mod windows;

pub(crate) use blocks::{Block, Cutter};

/// The tag of a literal that announces a failure.
const FAILURE: u8 = 0;
/// The tag of a literal of a line that may show telemetry.
const TELEMETRY: u8 = 1;
/// The tag of a literal of a line that may show a setting, a part of a model, or what followed from a failure elsewhere.
const SETTING: u8 = 2;
/// The tag of a literal of a line that may show telemetry if a number stands near it.
const NAME: u8 = 3;
/// The tag of a literal that names the program of its line. A server prints such lines all day long.
const SIGN: u8 = 4;

/// How much is looked through at once. Much more would not stay in a core's own cache, much less would cost calls.
const CHUNK: usize = 128 << 10;
/// How much must be known after a literal before it is judged: the rest of it, and of its line if it is a note.
const AHEAD: usize = 4 << 10;
/// The size of the buffer while no window needs more: what a look back needs, and enough room to move it rarely.
const BUFFER: usize = 1 << 20;

thread_local! {
    /// The buffer of the last pass of this thread, for its next one: with many small inputs, clean memory for each would cost
    /// more than to read them.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// All literals, of the formats and of the readers of single lines.
static LITERALS: LazyLock<Literals> = LazyLock::new(|| Literals::new(built_in()));

/// What the pass looks for, without regard to case.
pub(crate) fn literals() -> impl Iterator<Item = &'static str> {
    built_in().map(|(literal, _)| literal)
}

fn built_in() -> impl Iterator<Item = (&'static str, u8)> {
    let failures = messages::READ
        .iter()
        .filter(|format| format.role != Role::Noise)
        .flat_map(|format| format.signatures)
        .map(|literal| (*literal, FAILURE));
    let failures = failures.chain(AS_NUMBERS.iter().map(|literal| (*literal, FAILURE)));
    let telemetry = readings::SIGNATURES.iter().map(|l| (*l, TELEMETRY));
    let names = readings::NAMES.iter().map(|l| (*l, NAME));
    let settings = settings::signatures().map(|l| (l, SETTING));
    let parts = buffers::signatures().map(|l| (l, SETTING));
    let signs = settings::signs().map(|l| (l, SIGN));
    let consequences = messages::CONSEQUENCES.iter().map(|l| (*l, SETTING));
    failures
        .chain(telemetry)
        .chain(names)
        .chain(settings)
        .chain(parts)
        .chain(signs)
        .chain(consequences)
}

/// What the pass hands over as it finds it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// The raw neighbourhood of one or more failures, the number of its first line, from 1, and where it begins in the input. No
    /// two overlap.
    Window(u64, &'a [u8], u64),
    /// One raw line that may show telemetry, and its number, from 1. Of a line that is absurdly long it is what stands
    /// around the literal.
    Telemetry(u64, &'a [u8]),
    /// The same for a line that may show a setting, or what followed from a failure elsewhere. A line that may show several
    /// of these comes out as each.
    Setting(u64, &'a [u8]),
    /// The same for a line that names its program.
    Sign(u64, &'a [u8]),
}

/// The pass. Feed it chunks of any size, then finish it.
pub(crate) struct Scanner {
    /// What it looks for; `None` for what is built in, which is made when the first text comes: a memory snapshot has none.
    literals: Option<&'static Literals>,
    /// What is held of the input is `held[..filled]`.
    held: Vec<u8>,
    filled: usize,
    /// Literals that begin before this index have been dealt with.
    scanned: usize,
    /// How many bytes were let go before the ones that are held.
    dropped: u64,
    hits: Vec<Hit>,
    windows: Windows,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::with(None)
    }
}

/// What a pass looks for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted(&'static Literals);

impl Wanted {
    /// The built-in literals and some more: those that announce a failure, and those of lines that are worth reading by
    /// themselves. All of it is kept for as long as the program runs, as the built-in ones are, so make it once.
    pub(crate) fn also<'a>(
        failures: impl IntoIterator<Item = &'a str>,
        telemetry: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let kept = |text: &str| -> &'static str { text.to_owned().leak() };
        let failures = failures.into_iter().map(|text| (kept(text), FAILURE));
        let telemetry = telemetry.into_iter().map(|text| (kept(text), TELEMETRY));
        let all = built_in().chain(failures).chain(telemetry);
        Self(Box::leak(Box::new(Literals::new(all))))
    }
}

impl Scanner {
    /// A pass that looks for these.
    pub(crate) fn looking_for(wanted: Wanted) -> Self {
        Self::with(Some(wanted.0))
    }

    fn with(literals: Option<&'static Literals>) -> Self {
        Self {
            literals,
            held: Vec::new(),
            filled: 0,
            scanned: 0,
            dropped: 0,
            hits: Vec::new(),
            windows: Windows::default(),
        }
    }

    /// What it looks for.
    fn literals(&self) -> &'static Literals {
        self.literals.unwrap_or_else(|| &LITERALS)
    }

    /// Takes the next bytes of the input.
    pub(crate) fn push(&mut self, mut chunk: &[u8], sink: &mut dyn FnMut(Found<'_>)) {
        while !chunk.is_empty() {
            let room = self.room();
            let taken = room.len().min(chunk.len());
            let (now, later) = chunk.split_at(taken);
            if let Some(room) = room.get_mut(..taken) {
                room.copy_from_slice(now);
            }
            chunk = later;
            self.grown(taken, sink);
        }
    }

    /// Takes the end of the input; returns how many bytes there were.
    pub(crate) fn finish(mut self, sink: &mut dyn FnMut(Found<'_>)) -> u64 {
        self.scan(self.filled, sink);
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        self.windows.finish(bytes, sink);
        self.dropped + self.filled as u64
    }

    /// Free space after the bytes that are held: at least one byte, and no more than one chunk.
    fn room(&mut self) -> &mut [u8] {
        self.room_for(CHUNK)
    }

    /// Free space of this size after the bytes that are held.
    fn room_for(&mut self, count: usize) -> &mut [u8] {
        if self.held.is_empty() {
            self.held = SPARE.take();
        }
        if self.held.is_empty() {
            // Zeros from the system, which take no memory before they are written over; a small input leaves most of them.
            self.held = vec![0; BUFFER];
        }
        if self.held.len() < self.filled + count {
            self.let_go();
        }
        if self.held.len() < self.filled + count {
            self.held.resize(self.filled + count, 0);
        }
        self.held
            .get_mut(self.filled..self.filled + count)
            .unwrap_or(&mut [])
    }

    /// Drops the bytes that nothing can need any more.
    fn let_go(&mut self) {
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        let count = self.windows.let_go(bytes, self.scanned);
        self.held.copy_within(count..self.filled, 0);
        self.filled -= count;
        self.scanned -= count;
        self.dropped += count as u64;
    }

    /// Goes on with `count` new bytes, once enough of them have gathered.
    fn grown(&mut self, count: usize, sink: &mut dyn FnMut(Found<'_>)) {
        self.filled += count;
        if self.filled >= self.scanned + CHUNK + AHEAD {
            self.scan(self.filled - AHEAD, sink);
        }
    }

    /// Deals with the literals that begin before `to`.
    fn scan(&mut self, to: usize, sink: &mut dyn FnMut(Found<'_>)) {
        self.hits.clear();
        if self.scanned < to {
            let literals = self.literals();
            let bytes = self.held.get(..self.filled).unwrap_or(&[]);
            search(bytes, self.scanned..to, literals, &mut self.hits);
        }
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        for hit in &self.hits {
            self.windows.take(bytes, *hit, sink);
        }
        self.windows.advance(bytes, to, sink);
        self.scanned = to;
    }
}

/// Appends, in order, all places that matter and begin in the range. [`AHEAD`] bytes behind it complete them, and
/// [`cut::BEFORE`] before it tell of its first line what must be known.
fn search(bytes: &[u8], starts: Range<usize>, literals: &Literals, hits: &mut Vec<Hit>) {
    literals.find(bytes, starts.clone(), hits);
    let whole = hits.len();
    cut::find(bytes, starts, literals, hits);
    if hits.len() > whole {
        hits.sort_unstable();
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        let held = mem::take(&mut self.held);
        if !held.is_empty() {
            // A thread that ends takes no more.
            let _ = SPARE.try_with(|spare| spare.set(held));
        }
    }
}

#[cfg(test)]
mod tests;

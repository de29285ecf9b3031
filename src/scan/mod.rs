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
use std::sync::LazyLock;
use windows::Windows;

mod around;
mod cut;
mod growing;
mod windows;

/// The tag of a literal that announces a failure.
const FAILURE: u8 = 0;
/// The tag of a literal of a line that may show telemetry.
const TELEMETRY: u8 = 1;
/// The tag of a literal of a line that may show a setting, a part of a model, or what followed from a failure elsewhere.
const SETTING: u8 = 2;
/// The tag of a literal of a line that may show telemetry if a number stands near it.
const NAME: u8 = 3;

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
pub fn literals() -> impl Iterator<Item = &'static str> {
    built_in().map(|(literal, _)| literal)
}

fn built_in() -> impl Iterator<Item = (&'static str, u8)> {
    let failures = messages::ALL
        .iter()
        .filter(|format| format.role != Role::Noise)
        .flat_map(|format| format.signatures)
        .map(|literal| (*literal, FAILURE));
    let failures = failures.chain(AS_NUMBERS.iter().map(|literal| (*literal, FAILURE)));
    let telemetry = readings::SIGNATURES.iter().map(|l| (*l, TELEMETRY));
    let names = readings::NAMES.iter().map(|l| (*l, NAME));
    let settings = settings::SIGNATURES.iter().map(|l| (*l, SETTING));
    let parts = buffers::SIGNATURES.iter().map(|l| (*l, SETTING));
    let signs = settings::signs().map(|l| (l, SETTING));
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
pub enum Found<'a> {
    /// The raw neighbourhood of one or more failures, the number of its first line, from 1, and where it begins in the input. No
    /// two overlap.
    Window(u64, &'a [u8], u64),
    /// One raw line that may show telemetry, and its number, from 1. Of a line that is absurdly long it is what stands
    /// around the literal.
    Telemetry(u64, &'a [u8]),
    /// The same for a line that may show a setting, or what followed from a failure elsewhere. A line that may show both comes
    /// out as both.
    Setting(u64, &'a [u8]),
}

/// The pass. Feed it chunks of any size, then finish it.
pub struct Scanner {
    literals: &'static Literals,
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
        Self::with(&LITERALS)
    }
}

/// What a pass looks for.
#[derive(Clone, Copy)]
pub struct Wanted(&'static Literals);

impl Wanted {
    /// The built-in literals and some more, lines with which are worth reading by themselves. All of it is kept for as long
    /// as the program runs, as the built-in ones are, so make it once.
    pub fn also<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let own = texts
            .into_iter()
            .map(|text| -> &'static str { text.to_owned().leak() });
        let all = built_in().chain(own.map(|text| (text, TELEMETRY)));
        Self(Box::leak(Box::new(Literals::new(all))))
    }
}

impl Scanner {
    /// A pass that looks for these.
    pub fn looking_for(wanted: Wanted) -> Self {
        Self::with(wanted.0)
    }

    fn with(literals: &'static Literals) -> Self {
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

    /// Takes the next bytes of the input.
    pub fn push(&mut self, mut chunk: &[u8], sink: &mut dyn FnMut(Found<'_>)) {
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
    pub fn finish(mut self, sink: &mut dyn FnMut(Found<'_>)) -> u64 {
        self.scan(self.filled, sink);
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        self.windows.finish(bytes, sink);
        self.dropped + self.filled as u64
    }

    /// Free space after the bytes that are held: at least one byte, and no more than one chunk.
    fn room(&mut self) -> &mut [u8] {
        if self.held.is_empty() {
            self.held = SPARE.take();
        }
        if self.held.is_empty() {
            // Zeros from the system, which take no memory before they are written over; a small input leaves most of them.
            self.held = vec![0; BUFFER];
        }
        if self.held.len() < self.filled + CHUNK {
            self.let_go();
        }
        if self.held.len() < self.filled + CHUNK {
            self.held.resize(self.filled + CHUNK, 0);
        }
        self.held
            .get_mut(self.filled..self.filled + CHUNK)
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
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        self.hits.clear();
        self.literals.find(bytes, self.scanned..to, &mut self.hits);
        let whole = self.hits.len();
        cut::find(bytes, self.scanned..to, self.literals, &mut self.hits);
        if self.hits.len() > whole {
            self.hits.sort_unstable();
        }
        for hit in &self.hits {
            self.windows.take(bytes, *hit, sink);
        }
        self.windows.advance(bytes, to, sink);
        self.scanned = to;
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What came out, with the numbers: enough to compare two passes.
    type Out = Vec<(bool, u64, Vec<u8>)>;

    fn literals() -> &'static Literals {
        static SOME: LazyLock<Literals> = LazyLock::new(|| {
            Literals::new([
                ("out of memory", FAILURE),
                ("allocated", TELEMETRY),
                ("reserved", TELEMETRY),
                ("memory.used", TELEMETRY),
            ])
        });
        &SOME
    }

    fn pass(bytes: &[u8], cuts: &[usize]) -> Out {
        let mut out = Out::new();
        let mut sink = |found: Found<'_>| {
            out.push(match found {
                Found::Window(line, raw, _) => (true, line, raw.to_vec()),
                Found::Telemetry(line, raw) | Found::Setting(line, raw) => {
                    (false, line, raw.to_vec())
                }
            });
        };
        let mut scanner = Scanner::with(literals());
        let mut rest = bytes;
        for cut in cuts {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            scanner.push(now, &mut sink);
            rest = later;
        }
        scanner.push(rest, &mut sink);
        assert_eq!(scanner.finish(&mut sink), bytes.len() as u64);
        out
    }

    /// Lines of all kinds, with absurdly long ones among them.
    fn log() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            8 => (1usize..200).prop_map(|n| "an ordinary line of a log, of no interest\n".repeat(n)),
            2 => (1usize..9000).prop_map(|n| "word ".repeat(n)),
            2 => (1usize..30_000).prop_map(|n| "x".repeat(n)),
            4 => Just("step 3 allocated 2 GiB reserved 3 GiB\n".to_owned()),
            4 => Just("CUDA Out of Memory. Tried\n".to_owned()),
            2 => (1usize..400).prop_map(|n| format!("Traceback (most recent call last):\n{}", "  File \"a.py\", line 1\n".repeat(n))),
            2 => (1usize..300).prop_map(|n| format!("index, memory.used [MiB]\n{}", "0, 11018\nstep\n1, 512\n".repeat(n))),
            1 => (1usize..300).prop_map(|n| "2, 512\n".repeat(n)),
            1 => (1usize..900).prop_map(|n| "out of memory and more \n".repeat(n)),
            1 => (16_384usize..40_000).prop_map(|n| format!("{} Out of\",\"stream\":\"\"}}\n{{\"log\":\" memory\"}}\n", "x".repeat(n))),
        ];
        prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat().into_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_comes_out_does_not_depend_on_the_chunks(log in log(), cuts in prop::collection::vec(1usize..300_000, 0..40)) {
            prop_assert_eq!(pass(&log, &[]), pass(&log, &cuts));
        }

        #[test]
        fn both_searches_find_every_literal_of_the_program(
            parts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), "[ -~\n]{0,9}"), 0..60),
            from in 0usize..50,
        ) {
            let all: Vec<_> = super::literals().collect();
            let parts = parts.into_iter().map(|(literal, upper, other)| {
                let literal = literal.get(&all);
                if upper { literal.to_uppercase() + &other } else { other + literal }
            });
            let text: String = parts.collect();
            let [slow, fast] = LITERALS.both(text.as_bytes(), from.min(text.len())..text.len());
            prop_assert_eq!(slow, fast);
        }

        #[test]
        fn every_literal_comes_out_and_lines_keep_their_numbers(log in log()) {
            let text = String::from_utf8(log).unwrap();
            let out = pass(text.as_bytes(), &[]);
            let windows: Vec<_> = out.iter().filter(|o| o.0).collect();
            let failures: usize = windows.iter().map(|w| String::from_utf8_lossy(&w.2).to_lowercase().matches("out of memory").count()).sum();
            prop_assert_eq!(failures, text.to_lowercase().matches("out of memory").count());
            for (_, line, raw) in windows {
                let first = String::from_utf8_lossy(raw).lines().next().unwrap_or("").to_owned();
                prop_assert!(text.lines().nth(usize::try_from(line - 1).unwrap()).unwrap().contains(&first));
            }
            for (_, line, raw) in out.iter().filter(|o| !o.0) {
                let line = text.lines().nth(usize::try_from(line - 1).unwrap()).unwrap();
                prop_assert!(line.contains(&*String::from_utf8_lossy(raw)));
            }
        }
    }

    #[test]
    fn windows_and_the_buffer_stay_small_whatever_comes() {
        let mut scanner = Scanner::with(literals());
        let mut largest = 0;
        for i in 0..60 {
            let chunk = if i % 2 == 0 {
                "out of memory ".repeat(5000)
            } else {
                "reserved ".repeat(9000)
            };
            scanner.push(chunk.as_bytes(), &mut |found| {
                let (Found::Window(_, raw, _) | Found::Telemetry(_, raw) | Found::Setting(_, raw)) =
                    found;
                largest = largest.max(raw.len());
            });
        }
        assert!(largest <= 512 << 10, "{largest}");
        assert!(scanner.held.len() <= 3 << 20, "{}", scanner.held.len());
    }

    #[test]
    fn the_neighbourhood_holds_the_stack_and_what_follows() {
        let text = format!(
            "{}Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nRuntimeError: CUDA out of memory\n{}",
            "before\n".repeat(3000),
            "after\n".repeat(3000)
        );
        let out = pass(text.as_bytes(), &[]);
        let window = String::from_utf8_lossy(&out[0].2);
        assert_eq!((out.len(), out[0].1), (1, 2960));
        assert_eq!(
            (
                window.matches("before").count(),
                window.matches("after").count()
            ),
            (41, 80)
        );
    }

    #[test]
    fn a_line_with_telemetry_comes_out_once() {
        let out = pass(b"a\nstep 1 allocated 2 GiB reserved 3 GiB\nb", &[]);
        assert_eq!(
            out,
            [(false, 2, b"step 1 allocated 2 GiB reserved 3 GiB".to_vec())]
        );
    }

    #[test]
    fn no_literal_of_the_program_is_too_short_to_be_found() {
        let notes = readings::SIGNATURES
            .iter()
            .chain(readings::NAMES)
            .chain(settings::SIGNATURES);
        let all = messages::ALL
            .iter()
            .flat_map(|format| format.signatures)
            .chain(notes);
        for literal in all {
            let literals = Literals::new([(*literal, 0)]);
            let mut hits = Vec::new();
            literals.find(literal.as_bytes(), 0..1, &mut hits);
            assert_eq!(hits.len(), 1, "{literal}");
        }
    }
}

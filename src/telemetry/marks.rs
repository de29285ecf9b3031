//! The marks of all formats, found in one look at a line.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::formats::ALL;

/// Every mark, and the index of the format that it belongs to.
pub(super) struct Marks {
    /// Finds them.
    pub(super) automaton: Option<AhoCorasick>,
    /// The format that each belongs to.
    pub(super) owners: Vec<usize>,
}

impl Marks {
    fn new(kind: AhoCorasickKind) -> Self {
        let pairs = ALL.iter().enumerate();
        let (owners, marks): (Vec<_>, Vec<_>) = pairs
            .flat_map(|(index, format)| format.marks.iter().map(move |mark| (index, *mark)))
            .unzip();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(kind))
            .build(marks)
            .ok();
        Self { automaton, owners }
    }
}

/// Made in no time, for the few lines around one message.
static SMALL: LazyLock<Marks> = LazyLock::new(|| Marks::new(AhoCorasickKind::NoncontiguousNFA));
/// Made in a millisecond, and several times as fast on each line of a long log.
static FAST: LazyLock<Marks> = LazyLock::new(|| Marks::new(AhoCorasickKind::DFA));
/// From so many lines on, making the fast one pays.
const LONG: u32 = 500;
/// How many lines were read so far; which automaton reads a line changes no result.
static LINES: AtomicU32 = AtomicU32::new(0);

/// The automaton that suits how many lines were read so far.
pub(super) fn of_the_run() -> &'static Marks {
    let long =
        LINES.load(Ordering::Relaxed) >= LONG || LINES.fetch_add(1, Ordering::Relaxed) >= LONG;
    if long { &FAST } else { &SMALL }
}

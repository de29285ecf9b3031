//! Patterns and literals on squeezed text: what `{size}` stands for, when they are compiled, and how they are kept.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memmem::Finder;
use regex::Regex;

use super::cache::Kept;
use super::sizes::{Found, Sized};
use super::tree::Tree;
use super::{Field, READ};

/// After so many bytes an automaton is worth the time that it takes to compile.
pub(super) const MUCH: usize = 16 << 10;

/// The patterns of a message, made once each, where a text first asks for them.
struct Compiled {
    head: Head,
    fields: OnceLock<Vec<FieldPattern>>,
}

/// How a head is found.
struct Head {
    /// At first by hand.
    tree: OnceLock<Option<Tree>>,
    /// How many bytes were read that way.
    read: AtomicUsize,
    /// Then by an automaton.
    regex: OnceLock<Option<Regex>>,
}

/// How a field is found.
enum FieldPattern {
    /// By hand.
    Sized(Box<Sized>),
    /// By a pattern, which is compiled where a text first holds its letters.
    Regex {
        pattern: &'static str,
        anchor: &'static Finder<'static>,
        regex: OnceLock<Option<Regex>>,
    },
}

/// The patterns of every message, by its index in [`READ`]. They stand apart from the messages, which take what they do not say
/// from [`super::Message::EMPTY`]: a constant with a lock in it would have to be dropped there.
static COMPILED: [Compiled; READ.len()] = [const {
    Compiled {
        head: Head {
            tree: OnceLock::new(),
            read: AtomicUsize::new(0),
            regex: OnceLock::new(),
        },
        fields: OnceLock::new(),
    }
}; READ.len()];

/// True where the text holds the literal, without regard to case.
pub(super) fn holds(text: &str, literal: &str) -> bool {
    let (text, literal) = (text.as_bytes(), literal.as_bytes());
    let Some(first) = literal.first() else {
        return true;
    };
    let starts = memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
    starts
        .filter_map(|at| text.get(at..at + literal.len()))
        .any(|found| found.eq_ignore_ascii_case(literal))
}

/// The last so many bytes of a text, or a few more where they would cut a character.
pub(super) fn tail(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    (0..=from)
        .rev()
        .find_map(|at| text.get(at..))
        .unwrap_or(text)
}

/// The first so many bytes of a text, or a few less where they would cut a character.
pub(super) fn start(text: &str, bytes: usize) -> &str {
    (0..=bytes.min(text.len()))
        .rev()
        .find_map(|at| text.get(..at))
        .unwrap_or("")
}

/// `{size}`, `{floored}`: a number and its unit. `{bytes}`: an integer of bytes, maybe grouped. Digits and words are those
/// of ASCII, as programs print them: the tables of Unicode would make every pattern many times as large.
pub(super) fn expand(pattern: &str) -> String {
    pattern
        // People set the figures of a message in bold, or as code.
        .replace(
            "{size}",
            r"[*`]{0,3}(\d[\d.,]*)[*`]{0,3}(bytes|[kmgtp]i?b|b\b)[*`]{0,3}",
        )
        .replace("{floored}", r"(\d+)([kmgtp]?i?b)")
        .replace("{bytes}", r"(\d[\d,]*)")
        .replace(r"\d", "[0-9]")
        // In a pattern that needs Unicode for its other parts, 200 times a letter of any script took a tenth of a second to compile.
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\b", r"(?-u:\b)")
}

/// The longest run of letters that every text of a pattern holds; empty where none is certain: where it is more than
/// letters and escapes around one size, an alternative or an option may leave any of them out.
fn anchor(pattern: &'static str) -> &'static str {
    const SIZES: [&str; 3] = ["size", "bytes", "floored"];
    let rest = SIZES.iter().fold(pattern.to_owned(), |rest, size| {
        rest.replacen(&format!("{{{size}}}"), "", 1)
    });
    let mut escapes = rest.split('\\').skip(1);
    let classes = escapes.any(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()));
    if classes || rest.contains(['|', '[', '?', '*', '{', '+']) {
        return "";
    }
    let letters = pattern
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|run| !SIZES.contains(run));
    letters.max_by_key(|run| run.len()).unwrap_or("")
}

/// Compiles a pattern of this crate, case-insensitive and on ASCII classes. `None` only for a broken pattern, which the
/// tests of the registry rule out.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    build(&expand(pattern), true)
}

/// The same for text in lower case, which is found several times as fast.
pub(super) fn compile_folded(pattern: &str) -> Option<Regex> {
    build(&spelled(pattern), false)
}

/// A pattern in full, for text in lower case.
pub(super) fn spelled(pattern: &str) -> String {
    let mut escaped = false;
    let fold = |c: char| {
        let own = std::mem::take(&mut escaped);
        escaped = c == '\\' && !own;
        if own { c } else { c.to_ascii_lowercase() }
    };
    expand(pattern).chars().map(fold).collect()
}

fn build(pattern: &str, any_case: bool) -> Option<Regex> {
    let build = |unicode| {
        regex::RegexBuilder::new(pattern)
            .case_insensitive(any_case)
            .unicode(unicode)
            .build()
            .ok()
    };
    // Without Unicode's tables the automaton is half as large; a pattern with `.` or a negated class needs them.
    build(false).or_else(|| build(true))
}

/// A search for a literal in text in lower case, kept likewise.
pub(super) fn folded_finder(literal: &'static str) -> &'static Finder<'static> {
    static CACHE: Kept<Finder<'static>> = Kept::new();
    CACHE.get(literal, || {
        Finder::new(&literal.to_ascii_lowercase()).into_owned()
    })
}

/// Where heads of the message at this index stand in text in lower case.
pub(super) fn heads(index: usize, folded: &str) -> Vec<Range<usize>> {
    /// To walk through a text of so many bytes takes longer.
    const LARGE: usize = 4 * MUCH;
    let Some((Head { tree, read, regex }, message)) =
        COMPILED.get(index).map(|c| &c.head).zip(READ.get(index))
    else {
        return Vec::new();
    };
    let few = || folded.len() < LARGE && read.fetch_add(folded.len(), Ordering::Relaxed) < MUCH;
    if regex.get().is_none() && few() {
        let tree = tree.get_or_init(|| Tree::of(&spelled(message.head)));
        if let Some(places) = tree.as_ref().and_then(|tree| tree.all(folded)) {
            return places;
        }
    }
    let regex = regex.get_or_init(|| compile_folded(message.head)).as_ref();
    let found = regex.into_iter().flat_map(|regex| regex.find_iter(folded));
    found.map(|found| found.range()).collect()
}

/// Where one of its fields stands in text in lower case. Its pattern is compiled only where the text can hold it at all:
/// compiling is what a short run spends its time on, and searching is what a long one does.
pub(super) fn field(index: usize, field: usize, folded: &str) -> Option<Found> {
    let message = READ.get(index)?;
    let patterns = COMPILED.get(index)?.fields.get_or_init(|| {
        let patterns = message.fields.iter().map(|Field(_, pattern)| pattern);
        patterns.map(|pattern| FieldPattern::of(pattern)).collect()
    });
    patterns.get(field)?.find(folded)
}

impl FieldPattern {
    fn of(pattern: &'static str) -> Self {
        Sized::of(pattern).map_or_else(
            || Self::Regex {
                pattern,
                anchor: folded_finder(anchor(pattern)),
                regex: OnceLock::new(),
            },
            |sized| Self::Sized(Box::new(sized)),
        )
    }

    fn find(&self, folded: &str) -> Option<Found> {
        let (pattern, anchor, regex) = match self {
            Self::Sized(sized) => return sized.find(folded),
            Self::Regex {
                pattern,
                anchor,
                regex,
            } => (pattern, anchor, regex),
        };
        anchor.find(folded.as_bytes())?;
        let regex = regex.get_or_init(|| compile_folded(pattern)).as_ref()?;
        let found = regex.captures(folded)?;
        Some(Found {
            start: found.get(0)?.start(),
            end: found.get(0)?.end(),
            number: found.get(1)?.range(),
            unit: found.get(2).map(|unit| unit.range()),
        })
    }
}

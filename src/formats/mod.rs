//! Messages that say that memory ran out: one file a message of one framework.
//!
//! A format is data: literals that announce it in raw bytes, a pattern that begins it, patterns for its numbers, and
//! examples that are its tests. Patterns run on [`Squeezed`](crate::text::Squeezed) text, which holds no white space, so
//! they are written without any; letter case is ignored. To add one: write its file, add its two lines below.

mod listed;
mod matcher;
mod nvidia_smi_processes;
mod pytorch_cuda;
mod wording;

pub(crate) use listed::tell_self_apart;
pub use matcher::{Matcher, Sighting};

use std::sync::OnceLock;

use regex::Regex;

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};

/// All formats, in the order in which they may claim the same text.
pub static ALL: &[&Format] = &[&pytorch_cuda::FORMAT, &nvidia_smi_processes::FORMAT];

/// What a format is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reports a failure.
    Failure,
    /// It adds figures to a failure near it, and is one by itself only where its own figures say so.
    Evidence,
    /// It looks like a failure and is none: it claims its text so that nothing else does.
    Noise,
}

/// One message of one framework.
pub struct Format {
    /// Its name: ⟨program⟩-⟨what it prints⟩, equal to its file's name with hyphens.
    pub id: &'static str,
    /// The upstream file that prints it, and since when.
    pub printed_by: &'static str,
    /// What it is good for.
    pub role: Role,
    /// Which memory it speaks of.
    pub memory: Memory,
    /// Who prints it.
    pub framework: Framework,
    /// Literals of the message, in its own spelling. Any one of them in raw bytes makes the reader look closer, so name
    /// several that no single hard wrap can break together.
    pub signatures: &'static [&'static str],
    /// What begins it, as a pattern on squeezed text.
    pub head: &'static str,
    /// Its numbers.
    pub fields: &'static [Field],
    /// What the table cannot say: devices, processes, marks, versions.
    pub more: Option<fn(&Hit<'_>, &mut Incident)>,
    /// Texts and what is read from them: tests, documentation and fuzzing seeds in one.
    pub examples: &'static [Example],
    /// Patterns compiled at first use.
    pub compiled: Compiled,
}

/// One number of a message.
pub struct Field {
    /// Which number.
    pub key: Key,
    /// Its place, with `{size}` for a size with its unit, or `{bytes}` for a plain integer of bytes.
    pub pattern: &'static str,
}

/// A text that a format reads, and what it reads there.
pub struct Example {
    /// The text.
    pub text: &'static str,
    /// The facts, as printed.
    pub reads: &'static [(Key, &'static str)],
}

/// The patterns of a format, compiled once.
#[derive(Default)]
pub struct Compiled {
    cell: OnceLock<(Regex, Vec<Regex>)>,
}

impl Compiled {
    /// Nothing compiled yet.
    pub const fn new() -> Self {
        Self {
            cell: OnceLock::new(),
        }
    }
}

/// The text of one sighting: from its head to the next one.
pub struct Hit<'a> {
    /// Squeezed text from the head on.
    pub text: &'a str,
    /// Squeezed text before the head, at most 2000 bytes of it.
    pub before: &'a str,
    /// The whole line that holds the head, white space and all: tables need their columns.
    pub row: &'a str,
    /// The raw line number, from 1, of a byte of `text`.
    pub line: &'a dyn Fn(usize) -> u64,
}

impl Hit<'_> {
    /// The first capture of a pattern on the squeezed text, without regard to case.
    pub fn capture(&self, pattern: &'static str) -> Option<String> {
        let found = cached(pattern)?.captures(self.text)?;
        Some(found.get(1).or_else(|| found.get(0))?.as_str().to_owned())
    }

    /// True where the squeezed text holds the literal, without regard to case.
    pub fn says(&self, literal: &str) -> bool {
        let needle = literal.as_bytes();
        needle.is_empty()
            || self
                .text
                .as_bytes()
                .windows(needle.len())
                .any(|w| w.eq_ignore_ascii_case(needle))
    }
}

/// `{size}`: a number and its unit. `{bytes}`: an integer of bytes, maybe grouped.
fn expand(pattern: &str) -> String {
    pattern
        .replace("{size}", r"(\d[\d.,]*)(bytes|[kmgtp]i?b|b\b)")
        .replace("{bytes}", r"(\d[\d,]*)")
}

/// Compiles a pattern of this crate, case-insensitive and on ASCII classes. `None` only for a broken pattern, which the
/// tests of the registry rule out.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(&expand(pattern))
        .case_insensitive(true)
        .unicode(true)
        .build()
        .ok()
}

/// A compiled pattern, kept for the life of the program: patterns are few and static.
pub(crate) fn cached(pattern: &'static str) -> Option<Regex> {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};
    static CACHE: Mutex<BTreeMap<&'static str, Option<Regex>>> = Mutex::new(BTreeMap::new());
    CACHE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(pattern)
        .or_insert_with(|| compile(pattern))
        .clone()
}

impl Format {
    /// Where the facts of this format come from.
    pub fn fact_source(&self) -> FactSource {
        match self.id {
            "pytorch-summary" => FactSource::Summary,
            "pytorch-stats" => FactSource::Stats,
            _ => FactSource::Message,
        }
    }

    /// The compiled head and fields; `None` only for a broken pattern.
    pub(crate) fn patterns(&self) -> Option<&(Regex, Vec<Regex>)> {
        if let Some(done) = self.compiled.cell.get() {
            return Some(done);
        }
        let head = compile(self.head)?;
        let fields = self
            .fields
            .iter()
            .map(|f| compile(f.pattern))
            .collect::<Option<Vec<_>>>()?;
        Some(self.compiled.cell.get_or_init(|| (head, fields)))
    }
}

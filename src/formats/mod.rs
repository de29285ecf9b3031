//! Messages that say that memory ran out: one file a message of one framework.
//!
//! A format is data: literals that announce it in raw bytes, a pattern that begins it, patterns for its numbers, and
//! examples that are its tests. Patterns run on [`Squeezed`] text, which holds no white space, so
//! they are written without any, in the message's own letter case, which is ignored. To add one: write its file, add its two lines below.

mod bfc_allocator;
mod bfc_summary;
mod consequences;
mod cpu_allocator;
mod cuda_error;
mod cuda_library;
mod cupy_pool;
mod dataloader_killed;
mod elastic_sigkill;
#[cfg(test)]
mod examples;
mod kept;
mod killed_line;
mod kubernetes_oom;
mod linux_oom_killer;
mod listed;
pub mod marks;
mod matcher;
mod nccl_oom;
mod noise_quoted_code;
mod noise_recovered;
mod noise_searched_text;
mod noise_shared_memory;
mod numpy_memory_error;
mod nvidia_smi_processes;
mod pinned;
mod pytorch_cuda;
mod pytorch_cuda_bare;
mod pytorch_gaudi;
mod pytorch_malloc_async;
mod pytorch_mps;
mod pytorch_npu;
mod pytorch_nvml_assert;
mod pytorch_stats;
mod pytorch_summary;
mod pytorch_thc;
mod pytorch_xpu;
mod ray_node_oom;
mod slurm_oom;
mod standing;
mod tensorflow_exhausted;
mod torch_shared_memory;
mod wording;
mod xla_base_limit;
mod xla_exhausted;

pub use consequences::{CONSEQUENCES, only_follows};
pub(crate) use listed::tell_self_apart;
pub use matcher::{Matcher, Sighting};

use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::Regex;

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::text::{Line, Squeezed};
use kept::Kept;

/// All formats, in the order in which they may claim the same text.
pub static ALL: &[&Format] = &[
    &pytorch_cuda::FORMAT,
    &pytorch_xpu::FORMAT,
    &pytorch_mps::FORMAT,
    &pytorch_npu::FORMAT,
    &pytorch_malloc_async::FORMAT,
    &pytorch_nvml_assert::FORMAT,
    &pytorch_thc::FORMAT,
    &pytorch_cuda_bare::FORMAT,
    &pytorch_gaudi::FORMAT,
    &cupy_pool::FORMAT,
    &xla_exhausted::FORMAT,
    &bfc_allocator::FORMAT,
    &tensorflow_exhausted::FORMAT,
    &cuda_library::FORMAT,
    &nccl_oom::FORMAT,
    &cuda_error::FORMAT,
    &cpu_allocator::FORMAT,
    &dataloader_killed::FORMAT,
    &torch_shared_memory::FORMAT,
    &linux_oom_killer::FORMAT,
    &slurm_oom::FORMAT,
    &kubernetes_oom::FORMAT,
    &elastic_sigkill::FORMAT,
    &numpy_memory_error::FORMAT,
    &ray_node_oom::FORMAT,
    &killed_line::FORMAT,
    &pytorch_summary::FORMAT,
    &pytorch_stats::FORMAT,
    &bfc_summary::FORMAT,
    &xla_base_limit::FORMAT,
    &nvidia_smi_processes::FORMAT,
    &noise_recovered::FORMAT,
    &noise_shared_memory::FORMAT,
    &noise_quoted_code::FORMAT,
    &noise_searched_text::FORMAT,
];

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
    /// Where words alone do not make it a message: whether the head stands where one stands.
    pub accepts: Option<fn(&Hit<'_>) -> bool>,
    /// How many bytes of squeezed text the whole message can take.
    pub reach: usize,
    /// Which print its numbers are of.
    pub source: FactSource,
    /// Its numbers.
    pub fields: &'static [Field],
    /// What the table cannot say: devices, processes, [`marks`], versions, or that it was the host's memory after all.
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
    /// Its place. `{size}` stands for a rounded size with its unit, `{floored}` for one that was cut down to whole units,
    /// `{bytes}` for a plain integer of bytes.
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
    head: OnceLock<Regex>,
    fields: OnceLock<Vec<FieldPattern>>,
}

/// The pattern of a field, which is compiled where a text first holds its letters.
struct FieldPattern {
    anchor: &'static Finder<'static>,
    regex: OnceLock<Option<Regex>>,
}

impl Compiled {
    /// Nothing compiled yet.
    pub const fn new() -> Self {
        Self {
            head: OnceLock::new(),
            fields: OnceLock::new(),
        }
    }
}

/// The text of one sighting: from its head to the next one.
pub struct Hit<'a> {
    /// Squeezed text from the head on.
    pub text: &'a str,
    /// The same in lower case.
    folded: &'a str,
    /// Squeezed text before the head, at most 2000 bytes of it.
    pub before: &'a str,
    /// The whole line that holds the head, white space and all: tables need their columns.
    pub row: &'a str,
    /// The raw line number, from 1, of a byte of `text`.
    pub line: &'a dyn Fn(usize) -> u64,
    /// How many bytes of `text` the head takes.
    head: usize,
    /// Where `text` begins in the squeezed copy.
    at: usize,
    squeezed: &'a Squeezed,
    lines: &'a [Line],
}

impl Hit<'_> {
    /// The first capture of a pattern on the squeezed text, without regard to case.
    pub fn capture(&self, pattern: &'static str) -> Option<String> {
        capture(pattern, self.text)
    }

    /// True where the squeezed text holds the literal, without regard to case.
    pub fn says(&self, literal: &'static str) -> bool {
        folded_finder(literal)
            .find(self.folded.as_bytes())
            .is_some()
    }

    /// The squeezed text of the head's own line, before it.
    fn line_before(&self) -> &str {
        let start = self.squeezed.line_span(self.at).start;
        self.squeezed.text.get(start..self.at).unwrap_or("")
    }

    /// The squeezed text behind the head, to the end of the line in which the head ends.
    fn line_after(&self) -> &str {
        let from = self.at + self.head;
        let end = self.squeezed.line_span(from.saturating_sub(1)).end;
        self.squeezed.text.get(from..end).unwrap_or("")
    }

    /// The raw line number, from 1, of the byte that stands so far before the head.
    fn line_back(&self, back: usize) -> u64 {
        let index = self.squeezed.line_at(self.at.saturating_sub(back));
        self.lines.get(index).map_or(0, |line| line.number)
    }

    /// True where the byte that stands so far before the head begins a line.
    fn begins_line(&self, back: usize) -> bool {
        self.at
            .checked_sub(back)
            .is_some_and(|at| self.squeezed.line_span(at).start == at)
    }
}

/// The first capture of a pattern in squeezed text, without regard to case.
fn capture(pattern: &'static str, text: &str) -> Option<String> {
    let found = cached(pattern)?.captures(text)?;
    Some(found.get(1).or_else(|| found.get(0))?.as_str().to_owned())
}

/// True where the text holds the literal, without regard to case.
fn holds(text: &str, literal: &str) -> bool {
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
fn tail(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    (0..=from)
        .rev()
        .find_map(|at| text.get(at..))
        .unwrap_or(text)
}

/// The first so many bytes of a text, or a few less where they would cut a character.
fn start(text: &str, bytes: usize) -> &str {
    (0..=bytes.min(text.len()))
        .rev()
        .find_map(|at| text.get(..at))
        .unwrap_or("")
}

/// `{size}`, `{floored}`: a number and its unit. `{bytes}`: an integer of bytes, maybe grouped. Digits and words are those
/// of ASCII, as programs print them: the tables of Unicode would make every pattern many times as large.
fn expand(pattern: &str) -> String {
    pattern
        .replace("{size}", r"(\d[\d.,]*)(bytes|[kmgtp]i?b|b\b)")
        .replace("{floored}", r"(\d+)([kmgtp]?i?b)")
        .replace("{bytes}", r"(\d[\d,]*)")
        .replace(r"\d", "[0-9]")
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
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    build(&expand(pattern), true)
}

/// The same for text in lower case, which is found several times as fast.
fn compile_folded(pattern: &str) -> Option<Regex> {
    let mut escaped = false;
    let fold = |c: char| {
        let own = std::mem::take(&mut escaped);
        escaped = c == '\\' && !own;
        if own { c } else { c.to_ascii_lowercase() }
    };
    build(
        &expand(pattern).chars().map(fold).collect::<String>(),
        false,
    )
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

/// A compiled pattern, kept for the life of the program: patterns are few and static.
pub(crate) fn cached(pattern: &'static str) -> Option<&'static Regex> {
    static CACHE: Kept<Option<Regex>> = Kept::new();
    CACHE.get(pattern, || compile(pattern)).as_ref()
}

/// A search for a literal in text in lower case, kept likewise.
fn folded_finder(literal: &'static str) -> &'static Finder<'static> {
    static CACHE: Kept<Finder<'static>> = Kept::new();
    CACHE.get(literal, || {
        Finder::new(&literal.to_ascii_lowercase()).into_owned()
    })
}

impl Format {
    /// The compiled head, for text in lower case; `None` only for a broken pattern.
    pub(crate) fn head(&self) -> Option<&Regex> {
        if let Some(done) = self.compiled.head.get() {
            return Some(done);
        }
        let head = compile_folded(self.head)?;
        Some(self.compiled.head.get_or_init(|| head))
    }

    /// The compiled pattern of a field, for text in lower case that can hold it at all: compiling is what a short run spends
    /// its time on, and searching is what a long one does.
    pub(crate) fn field_pattern(&self, index: usize, folded: &str) -> Option<&Regex> {
        let patterns = self.compiled.fields.get_or_init(|| {
            let anchors = self.fields.iter().map(|field| anchor(field.pattern));
            anchors.map(FieldPattern::with).collect()
        });
        let FieldPattern { anchor, regex } = patterns.get(index)?;
        anchor.find(folded.as_bytes())?;
        let field = self.fields.get(index)?;
        regex.get_or_init(|| compile_folded(field.pattern)).as_ref()
    }
}

impl FieldPattern {
    fn with(anchor: &'static str) -> Self {
        Self {
            anchor: folded_finder(anchor),
            regex: OnceLock::new(),
        }
    }
}

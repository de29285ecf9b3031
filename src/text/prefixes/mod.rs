//! What launchers, loggers and CI systems write before each line: one file a family.
//!
//! A prefix is recognized by its whole form, never by a guess, because what is stripped is lost to every reader. The two
//! or three that real text could begin with are habits: they go only where most lines have them. To add one: write its
//! file, add its two lines below; its examples are its tests.

mod actor;
mod buildkit;
mod c10_log;
mod compose;
mod cri;
mod cursor;
mod docker_json;
mod export_json;
mod github;
mod gitlab;
mod glog;
mod intel_mpi;
mod level_name;
mod llama_cpp;
mod loguru;
mod open_mpi;
mod pod;
mod python_logging;
mod quote;
mod rank;
mod reprex;
mod sglang;
mod slurm;
mod syslog;
mod tensorflow;
mod timestamp;
mod torchrun;
mod transformers;
mod trtllm;
mod vllm;
mod xdist;
mod zerolog;

use std::borrow::Cow;
use std::sync::LazyLock;

pub(super) use cursor::Cursor;
pub(crate) use export_json::AS_NUMBERS;
pub(super) use export_json::is_exported;
pub(super) use gitlab::{Stamp, stamp};

/// All prefixes. Where two fit, the one that takes more comes first.
pub(crate) static ALL: &[&Prefix] = &[
    &docker_json::PREFIX,
    &export_json::PREFIX,
    &cri::PREFIX,
    &gitlab::PREFIX,
    &github::PREFIX,
    &pod::PREFIX,
    &syslog::PREFIX,
    &open_mpi::PREFIX,
    &rank::PREFIX,
    &torchrun::PREFIX,
    &c10_log::PREFIX,
    &glog::PREFIX,
    &llama_cpp::PREFIX,
    &zerolog::PREFIX,
    &tensorflow::PREFIX,
    &actor::PREFIX,
    &vllm::PREFIX,
    &python_logging::PREFIX,
    &loguru::PREFIX,
    &level_name::PREFIX,
    &transformers::PREFIX,
    &sglang::PREFIX,
    &trtllm::PREFIX,
    &xdist::PREFIX,
    &timestamp::PREFIX,
    &slurm::PREFIX,
    &intel_mpi::PREFIX,
    &compose::PREFIX,
    &quote::PREFIX,
    &reprex::PREFIX,
    &buildkit::PREFIX,
];

/// One family.
pub(crate) struct Prefix {
    /// Its name: that of its file, with hyphens.
    pub id: &'static str,
    /// The bytes it can begin with; empty where any can.
    pub starts: &'static str,
    /// Whether one line is enough to know it.
    pub when: When,
    /// Takes it off a line that begins with it, in a time that its own length bounds.
    pub(super) strip: fn(Cursor<'_>) -> Option<Stripped<'_>>,
    /// Prefixes, with the rank and the lane that they tell.
    pub examples: &'static [(&'static str, Option<u32>, &'static str)],
}

/// Whether one line is enough to know a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// It is.
    Always,
    /// Only the other lines tell: see `text/habits.rs`.
    Habit,
}

/// A line without its prefix.
pub(crate) struct Stripped<'a> {
    /// What is left.
    pub rest: Cow<'a, str>,
    /// The rank that the prefix names.
    pub rank: Option<u32>,
    /// The writer that it names, or empty.
    pub lane: Cow<'a, str>,
}

impl<'a> Stripped<'a> {
    /// All before the cursor is the prefix.
    fn at(cursor: Cursor<'a>) -> Self {
        Self {
            rest: Cow::Borrowed(cursor.rest),
            rank: None,
            lane: Cow::Borrowed(""),
        }
    }

    fn of_rank(mut self, rank: u32) -> Self {
        self.rank = Some(rank);
        self
    }

    fn of_lane(mut self, lane: impl Into<Cow<'a, str>>) -> Self {
        self.lane = lane.into();
        self
    }
}

/// What one record of a container's log driver holds of a line.
pub(super) struct Part<'a> {
    /// Its text.
    pub(super) text: Cow<'a, [u8]>,
    /// Whether it is of standard error.
    pub(super) error: bool,
    /// Whether the next record of its stream goes on with the line.
    pub(super) goes_on: bool,
}

/// The record in a raw line that a container's log driver wrote; `None` for any other line.
pub(super) fn part(raw: &[u8]) -> Option<Part<'_>> {
    match raw.first()? {
        b'{' => docker_json::part(raw),
        b'0'..=b'9' => cri::part(raw),
        _ => None,
    }
}

/// What the prefixes of one line tell together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    /// The rank; the innermost prefix knows best.
    pub(super) rank: Option<u32>,
    /// The writers, outermost first.
    pub(super) lane: String,
    /// True where one of them is the level of an error.
    pub(super) error: bool,
}

/// How long the names of a line's writers can get. No real ones come near; a line of nothing but prefixes does.
const LONGEST_LANE: usize = 500;

impl Labels {
    /// Adds what one more prefix tells.
    pub(super) fn add(&mut self, rank: Option<u32>, lane: &str) {
        self.rank = rank.or(self.rank);
        if !lane.is_empty() && self.lane.len() < LONGEST_LANE {
            if !self.lane.is_empty() {
                self.lane.push(' ');
            }
            self.lane.push_str(lane);
        }
    }
}

/// For each first byte the prefixes that it can begin, as bits in the order of [`ALL`].
static STARTS: LazyLock<[u64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let can_begin = |prefix: &Prefix| {
            prefix.starts.is_empty() || prefix.starts.bytes().any(|b| usize::from(b) == byte)
        };
        ALL.iter()
            .enumerate()
            .filter(|(_, prefix)| prefix.when == When::Always && can_begin(prefix))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    })
});

/// True where these bytes stand behind a date and time as a family has them.
type Fits = fn(&[u8]) -> bool;

/// Families that a date and time at the start of a line rules out, but where it goes on as they do: most lines begin with one and
/// are asked for all of these.
static BEHIND_TIME: LazyLock<[(u64, Fits); 6]> = LazyLock::new(|| {
    let families: [(&Prefix, Fits); 6] = [
        (&cri::PREFIX, |behind| behind.starts_with(b" std")),
        (&gitlab::PREFIX, |behind| {
            matches!(behind, [b' ', _, _, b'O' | b'E', ..])
        }),
        (&loguru::PREFIX, |behind| behind.starts_with(b" | ")),
        (&tensorflow::PREFIX, |behind| behind.starts_with(b": ")),
        (&llama_cpp::PREFIX, |_| false),
        (&zerolog::PREFIX, |_| false),
    ];
    families.map(|(family, fits)| {
        let at = ALL.iter().position(|prefix| prefix.id == family.id);
        (at.map_or(0, |at| 1 << at), fits)
    })
});

/// The families that cannot begin a line, by what stands behind its date and time.
fn ruled_out(behind: &[u8]) -> u64 {
    let unfit = BEHIND_TIME.iter().filter(|(_, fits)| !fits(behind));
    unfit.fold(0, |bits, (family, _)| bits | family)
}

/// Takes all prefixes off a line, and adds what they tell to the labels. Owned text may hold escapes again.
pub(super) fn strip<'a>(line: &'a str, labels: &mut Labels) -> Cow<'a, str> {
    let mut rest = line;
    while let Some(stripped) = strip_one(rest) {
        labels.add(stripped.rank, &stripped.lane);
        match stripped.rest {
            Cow::Borrowed(shorter) => {
                let prefix = rest.get(..rest.len() - shorter.len()).unwrap_or_default();
                labels.error |= is_of_an_error(prefix);
                rest = shorter;
            }
            owned @ Cow::Owned(_) => return owned,
        }
    }
    Cow::Borrowed(rest)
}

/// True where a prefix holds the level of an error: as words, or glog's letter before month and day.
fn is_of_an_error(prefix: &str) -> bool {
    const LEVELS: [&[u8]; 3] = [b"ERROR", b"CRITICAL", b"FATAL"];
    let bytes = prefix.as_bytes();
    // Most prefixes are a time, and short: to begin a search takes longer.
    let mut begins = bytes.iter().zip(0..);
    let named = begins.any(|(first, at)| {
        matches!(first, b'E' | b'C' | b'F') && {
            let rest = bytes.get(at..).unwrap_or_default();
            LEVELS.iter().any(|level| rest.starts_with(level))
        }
    });
    let glog = matches!(
        prefix.as_bytes(),
        [
            b'E' | b'F',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            ..
        ]
    );
    glog || named
}

/// Takes one prefix off.
fn strip_one(line: &str) -> Option<Stripped<'_>> {
    let first = line.bytes().next()?;
    let start = Cursor::new(line);
    let mut bits = STARTS.get(usize::from(first)).copied().unwrap_or(0);
    if let Some(behind) = start.behind_time() {
        bits &= !ruled_out(behind);
    }
    while bits != 0 {
        let prefix = ALL.get(bits.trailing_zeros() as usize)?;
        if let Some(stripped) = (prefix.strip)(start) {
            return Some(stripped);
        }
        bits &= bits - 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_family_is_ruled_out_that_fits() {
        for line in ALL.iter().flat_map(|prefix| prefix.examples) {
            let start = Cursor::new(line.0);
            let out = start.behind_time().map_or(0, ruled_out);
            for (at, prefix) in ALL.iter().enumerate() {
                let fits = (prefix.strip)(start).is_some();
                assert!(!fits || out >> at & 1 == 0, "{} of {}", prefix.id, line.0);
            }
        }
        let plain = Cursor::new("2026-01-02T03:04:05.1234567Z Traceback");
        assert_eq!(ruled_out(plain.behind_time().unwrap()).count_ones(), 6);
    }
}

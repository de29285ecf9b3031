//! Bytes to lines that formats can match: escapes, carriage returns and log prefixes off, ranks kept as labels.

mod ansi;
mod carriage;
mod decode;
mod habits;
mod laid_out;
pub(crate) mod literals;
mod moment;
mod partial;
#[cfg(feature = "source")]
pub(crate) mod pasted;
pub(crate) mod prefixes;
mod quiet;
mod rank_in_path;
pub(crate) mod shapes;
mod squeeze;
mod test_report;
mod words;
mod wrapped;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) use habits::{OF_CTEST, PASSED};
pub(crate) use moment::Times;
pub(crate) use quiet::Quiet;
pub(crate) use rank_in_path::{Member, member};
use regex::Regex;
pub(crate) use squeeze::Squeezed;
pub(crate) use words::Words;

use partial::Wholes;
use prefixes::Labels;
pub(crate) use shapes::ByShape;
use shapes::Shape;

/// One line as a person would have read it, and what its prefixes told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the raw input, from 1.
    pub number: u64,
    /// Its text: no escapes, no prefix, no line ending.
    pub text: String,
    /// The rank that a prefix names.
    pub rank: Option<u32>,
    /// What else a prefix names: pod, service, actor. Lines of one lane belong together.
    pub lane: String,
    /// True where a prefix says that the line reports an error.
    pub error: bool,
    /// What else has its shape is known to be like it.
    pub shape: Shape,
}

/// The lines of one writer, untangled from those of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// The writer, as its prefixes name it; empty where lines have none.
    pub name: String,
    /// Its rank.
    pub rank: Option<u32>,
    /// Its lines, in the order of the input.
    pub lines: Vec<Line>,
}

/// Cleans raw bytes, the first line of which is number `first_line` of the input.
///
/// One raw line gives one line, or several of the same number where a carriage return stands between a progress bar and
/// something else; several that a container's log driver or an export made of one line give that line. Cleaning what is clean changes
/// nothing.
#[cfg(test)]
pub(crate) fn clean(raw: &[u8], first_line: u64) -> Vec<Line> {
    clean_with(raw, first_line, &[])
}

/// Cleans raw bytes, with the user's own prefixes, each of which has the groups `rank` and `lane` where it tells them.
pub(crate) fn clean_with(raw: &[u8], first_line: u64, own: &[Regex]) -> Vec<Line> {
    cleaned(raw, first_line, own, Drawn::Shown)
}

/// The same with every drawing of a line that was drawn over, as lines of the same number: each told what was so then.
pub(crate) fn drawings(raw: &[u8], first_line: u64, own: &[Regex]) -> Vec<Line> {
    cleaned(raw, first_line, own, Drawn::All)
}

/// Which drawings of a line are read.
#[derive(Clone, Copy, PartialEq)]
enum Drawn {
    Shown,
    All,
}

impl Drawn {
    fn of(self, line: &str) -> Vec<&str> {
        match self {
            Self::Shown => carriage::shown(line),
            Self::All => carriage::all(line),
        }
    }
}

fn cleaned(raw: &[u8], first_line: u64, own: &[Regex], drawn: Drawn) -> Vec<Line> {
    // One line has no neighbours to be joined to. Most that are cleaned come alone.
    if !raw.is_empty() && memchr::memchr(b'\n', raw).is_none() && !partial::may_go_on(raw) {
        let mut lines = Vec::with_capacity(1);
        read_line(raw, first_line, (own, drawn), &mut lines);
        habits::strip(&mut lines);
        test_report::lay_out(&mut lines);
        return lines;
    }
    let mut wholes = Wholes::default();
    let mut rest = raw;
    let mut number = first_line;
    while !rest.is_empty() {
        let (line, after) = match memchr::memchr(b'\n', rest) {
            Some(end) => rest.split_at_checked(end).unwrap_or((rest, &[])),
            None => (rest, &[][..]),
        };
        rest = after.get(1..).unwrap_or(&[]);
        wholes.push(number, line);
        number = number.saturating_add(1);
    }
    let wholes = laid_out::join(wholes.finish());
    let several = wholes.len() > 1;
    let plain = several && own.is_empty() && drawn == Drawn::Shown;
    let mut lines = Vec::with_capacity(wholes.len());
    let mut widths = Vec::new();
    for (number, line) in wholes {
        let known = plain.then(|| shapes::line(&line, number)).flatten();
        let wide = if let Some((line, wide)) = known {
            lines.push(line);
            wide
        } else {
            width(&read_line(&line, number, (own, drawn), &mut lines))
        };
        if several {
            widths.resize(lines.len(), wide);
        }
    }
    habits::strip(&mut lines);
    wrapped::adopt(&mut lines, &widths);
    test_report::lay_out(&mut lines);
    lines
}

/// How many characters a text has.
fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// What stands before and behind the first of these words. As `split_once`, with a few instructions for 32 bytes: each failure is
/// asked for many words that it has not.
pub(crate) fn around<'a>(text: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let at = memchr::memmem::find(text.as_bytes(), words.as_bytes())?;
    text.get(..at).zip(text.get(at + words.len()..))
}

/// A line with its prefixes, and without what only colours it.
pub(crate) fn without_escapes(line: &str) -> Cow<'_, str> {
    if ansi::is_plain(line.as_bytes()) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(ansi::strip(line))
}

/// Cleans one raw line; returns its text, prefixes and all.
fn read_line<'a>(
    raw: &'a [u8],
    number: u64,
    (own, drawn): (&[Regex], Drawn),
    lines: &mut Vec<Line>,
) -> Cow<'a, str> {
    let mut raw = raw;
    while let Some(shorter) = raw.strip_suffix(b"\r") {
        raw = shorter;
    }
    let text = decode::utf8(raw);
    let plain = matches!(text, Cow::Borrowed(_)) && ansi::is_plain(raw);
    let text = if plain {
        text
    } else {
        Cow::Owned(ansi::strip(&text))
    };
    let mut labels = Labels::default();
    let rest = own_prefix(&text, own, &mut labels);
    settle(rest, number, (labels, drawn), lines);
    text
}

/// Takes off the first of the user's own prefixes that the line begins with.
fn own_prefix<'a>(text: &'a str, own: &[Regex], labels: &mut Labels) -> &'a str {
    let begins = |regex: &Regex| regex.captures(text).filter(begins_there);
    let Some(found) = own.iter().find_map(begins) else {
        return text;
    };
    let group = |name| found.name(name).map(|part| part.as_str());
    let rank = group("rank").and_then(|rank| rank.parse().ok());
    labels.add(rank, group("lane").unwrap_or(""));
    let end = found.get(0).map_or(0, |whole| whole.end());
    text.get(end..).unwrap_or(text)
}

fn begins_there(found: &regex::Captures<'_>) -> bool {
    found.get(0).is_some_and(|whole| whole.start() == 0)
}

/// Takes prefixes and carriage returns off a text without escapes.
///
/// Prefixes come first, because a log that is written from outside (a CI runner, a container's log driver) has one
/// prefix before a whole line with carriage returns; then again, for the prefixes that the program itself drew.
fn settle(text: &str, number: u64, (labels, drawn): (Labels, Drawn), lines: &mut Vec<Line>) {
    let mut labels = labels;
    match prefixes::strip(text, &mut labels) {
        // Unwrapped from JSON, which can hold anything.
        Cow::Owned(unwrapped) => settle(&ansi::strip(&unwrapped), number, (labels, drawn), lines),
        Cow::Borrowed(text) if memchr::memchr(b'\r', text.as_bytes()).is_some() => {
            for drawing in drawn.of(text) {
                settle(drawing, number, (labels.clone(), drawn), lines);
            }
        }
        Cow::Borrowed(text) => lines.push(Line {
            number,
            text: text.to_owned(),
            rank: labels.rank,
            lane: labels.lane,
            error: labels.error,
            shape: Shape::default(),
        }),
    }
}

/// True where two lanes have the same name. Most have none, which is no comparison.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

/// Sorts lines by their writer; writers in the order of their first line.
pub(crate) fn lanes(lines: Vec<Line>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut places: BTreeMap<(Option<u32>, String), usize> = BTreeMap::new();
    let mut last = 0;
    for line in lines {
        // Most lines are of the writer of the line before.
        let same = |lane: &Lane| lane.rank == line.rank && same_name(&lane.name, &line.lane);
        let place = if lanes.get(last).is_some_and(same) {
            last
        } else {
            *places
                .entry((line.rank, line.lane.clone()))
                .or_insert(lanes.len())
        };
        last = place;
        if place == lanes.len() {
            lanes.push(Lane {
                name: line.lane.clone(),
                rank: line.rank,
                lines: Vec::new(),
            });
        }
        if let Some(lane) = lanes.get_mut(place) {
            lane.lines.push(line);
        }
    }
    lanes
}

#[cfg(test)]
mod tests;

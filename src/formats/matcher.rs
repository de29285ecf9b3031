//! Finds the messages in the lines of one lane.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{ALL, Format, Hit, Role};
use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, Incident};
use crate::place::Place;
use crate::text::{Lane, Squeezed};

/// How much squeezed text one message can take. The longest, a full summary table, takes about 3000 bytes.
const LONGEST: usize = 6000;
/// How much squeezed text before its head a format may look at.
pub(super) const BEFORE: usize = 2000;

/// One message that was found.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The format that recognized it.
    pub role: Role,
    /// What it says.
    pub incident: Incident,
    /// The index in the lane of its first line.
    pub first: usize,
    /// The index in the lane of its last line.
    pub last: usize,
}

/// Literals of every format, squeezed, to run only the patterns that can match.
static SIGNATURES: LazyLock<(Option<AhoCorasick>, Vec<usize>)> = LazyLock::new(|| {
    let mut owners = Vec::new();
    let mut literals = Vec::new();
    for (index, format) in ALL.iter().enumerate() {
        for signature in format.signatures {
            owners.push(index);
            literals.push(signature.split_whitespace().collect::<String>());
        }
    }
    (
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&literals)
            .ok(),
        owners,
    )
});

/// Finds messages in lanes of one source.
#[derive(Debug)]
pub struct Matcher<'a> {
    source: &'a str,
}

/// A head that matched: where, and whose.
struct Head {
    start: usize,
    end: usize,
    format: &'static Format,
}

impl<'a> Matcher<'a> {
    /// A matcher for one source, the name of which goes into every place.
    pub fn new(source: &'a str) -> Self {
        Self { source }
    }

    /// All messages in the lane, in order; no two share text.
    pub fn find(&self, lane: &Lane) -> Vec<Sighting> {
        let squeezed = Squeezed::of(&lane.lines);
        let heads = heads(&squeezed.text);
        let mut sightings = Vec::new();
        let mut claimed = 0;
        for (index, head) in heads.iter().enumerate() {
            if head.start < claimed {
                continue;
            }
            let next = heads
                .iter()
                .skip(index + 1)
                .find(|h| h.start >= head.end && h.format.role != Role::Noise);
            let end = next.map_or(squeezed.text.len(), |n| n.start);
            let (sighting, taken) = self.read(head, end, &squeezed, lane);
            claimed = taken;
            sightings.push(sighting);
        }
        sightings
    }

    /// Reads the message at a head; also says how far into the squeezed text it goes.
    fn read(&self, head: &Head, end: usize, squeezed: &Squeezed, lane: &Lane) -> (Sighting, usize) {
        let end = floor(&squeezed.text, end.min(head.start.saturating_add(LONGEST)));
        let region = squeezed.text.get(head.start..end).unwrap_or("");
        let from = floor(&squeezed.text, head.start.saturating_sub(BEFORE));
        let line_index = |offset: usize| squeezed.line_at(head.start + offset);
        let line = |offset: usize| lane.lines.get(line_index(offset)).map_or(0, |l| l.number);
        let format = head.format;
        let place = Place {
            source: self.source.to_owned(),
            line: line(0),
        };
        let mut incident = Incident::new(place, format.memory, format.framework, format.id);
        incident.rank = lane.rank;
        let mut taken = head.end - head.start;
        if let Some((_, patterns)) = format.patterns() {
            for (field, pattern) in format.fields.iter().zip(patterns) {
                let Some(found) = pattern.captures(region) else {
                    continue;
                };
                let Some((bytes, text)) = size(&found) else {
                    continue;
                };
                let at = found.get(1).map_or(0, |m| m.start());
                taken = taken.max(found.get(0).map_or(0, |m| m.end()));
                incident.facts.insert(
                    field.key,
                    Fact {
                        bytes,
                        text,
                        line: line(at),
                        source: format.fact_source(),
                    },
                );
            }
        }
        if let Some(more) = format.more {
            more(
                &Hit {
                    text: region,
                    before: squeezed.text.get(from..head.start).unwrap_or(""),
                    row: lane
                        .lines
                        .get(line_index(0))
                        .map_or("", |l| l.text.as_str()),
                    line: &line,
                },
                &mut incident,
            );
        }
        let last = line_index(taken.saturating_sub(1));
        (
            Sighting {
                role: format.role,
                incident,
                first: line_index(0),
                last,
            },
            head.start + taken,
        )
    }
}

/// The size in a field's captures, and its text as printed.
fn size(found: &regex::Captures<'_>) -> Option<(Bytes, String)> {
    let number = found.get(1)?.as_str().trim_end_matches(['.', ',']);
    if let Some(unit) = found.get(2) {
        let text = format!("{number} {}", unit.as_str());
        return Some((bytes::parse(number, unit.as_str())?, text));
    }
    let plain: String = number.chars().filter(char::is_ascii_digit).collect();
    Some((Bytes::exact(plain.parse().ok()?), number.to_owned()))
}

/// The heads of all formats whose literals the text holds, by place and then by the order of the list.
fn heads(text: &str) -> Vec<Head> {
    let (Some(automaton), owners) = (&SIGNATURES.0, &SIGNATURES.1) else {
        return Vec::new();
    };
    let mut seen = vec![false; ALL.len()];
    for hit in automaton.find_overlapping_iter(text) {
        if let Some(flag) = owners
            .get(hit.pattern().as_usize())
            .and_then(|owner| seen.get_mut(*owner))
        {
            *flag = true;
        }
    }
    let mut heads = Vec::new();
    for (format, _) in ALL.iter().zip(&seen).filter(|(_, seen)| **seen) {
        let Some((head, _)) = format.patterns() else {
            continue;
        };
        heads.extend(head.find_iter(text).map(|m| Head {
            start: m.start(),
            end: m.end(),
            format,
        }));
    }
    heads.sort_by_key(|h| h.start);
    heads
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}

//! Messages of the user's own: literals that announce one, and a pattern whose named groups are its figures.
//!
//! They are read line by line, as a person sees the line: without colours, times and prefixes, and with its white space.

use std::fmt;

use regex::{Captures, Regex, RegexBuilder};

use super::matcher::{lead, refuse_the_absurd};
use super::patterns::start;
use super::{Recognized, Role};
use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, FactSource, Incident, Key, Memory, MessageId, Program};
use crate::place::Place;
use crate::sorting;
use crate::text::literals::Literals;
use crate::text::{Lane, Line};

/// No pattern for one line needs more.
const LARGEST_PATTERN: usize = 1 << 20;
/// So much of a line is read.
const LONGEST_LINE: usize = 64 << 10;
/// What was requested, in the word of the reports; a table's figure of this name is no part of a message.
const REQUESTED: &str = "requested";
/// The index of the GPU.
const GPU: &str = "gpu";
/// The rank.
const RANK: &str = "rank";

/// One message of the user's own.
#[derive(Debug)]
pub struct Own {
    /// Its name.
    pub id: MessageId,
    /// Which memory it speaks of.
    pub memory: Memory,
    /// Who prints it.
    pub program: Program,
    /// Texts, in any letter case, one of which stands in every line that is one.
    pub literals: Vec<String>,
    /// What the line must fit, where the literals are not enough.
    pub pattern: Option<Regex>,
    /// The unit of a figure that has none.
    pub unit: u64,
}

/// Compiles a pattern, whose groups must be figures; an error says why it is none.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(text)
        .size_limit(LARGEST_PATTERN)
        .dfa_size_limit(LARGEST_PATTERN)
        .build();
    let regex = regex.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        other => {
            let words = other.to_string();
            let last = words.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        }
    })?;
    let known = groups();
    let mut named = regex.capture_names().flatten();
    if let Some(strange) = named.find(|name| !known.contains(name)) {
        let near = crate::spelling::nearest(strange, known.iter().copied());
        let hint = near.map_or_else(
            || {
                format!(
                    "; these do: {}. What is no figure is a group without a name, `(?:...)`",
                    known.join(", ")
                )
            },
            |near| format!("; did you mean `{near}`?"),
        );
        return Err(format!("a group `{strange}` means nothing{hint}"));
    }
    Ok(regex)
}

/// The names that a group may have, those that messages have most first.
fn groups() -> Vec<&'static str> {
    let keys = Key::ALL.iter().filter(|key| **key != Key::Requested);
    let keys = keys.map(|key| key.name());
    [REQUESTED, GPU, RANK].into_iter().chain(keys).collect()
}

/// The figure that a group of this name is.
fn key(group: &str) -> Option<Key> {
    if group == REQUESTED {
        return Some(Key::Tried);
    }
    Key::ALL.iter().copied().find(|key| key.name() == group)
}

impl Own {
    /// Reads a line that holds one of the literals.
    fn read(&self, source: &str, line: &Line, rank: Option<u32>) -> Option<Incident> {
        let text = start(&line.text, LONGEST_LINE);
        let found = match &self.pattern {
            Some(pattern) => Some(pattern.captures(text)?),
            None => None,
        };
        let place = Place {
            source: source.to_owned(),
            line: line.number,
        };
        let mut incident = Incident::new(place, self.memory, self.program, self.id);
        incident.rank = rank;
        if let (Some(found), Some(pattern)) = (&found, &self.pattern) {
            self.figures(found, pattern, line, &mut incident);
        }
        refuse_the_absurd(&mut incident);
        let begins = found.and_then(|found| Some(found.get(0)?.start()));
        let before = text.get(..begins.unwrap_or(0)).unwrap_or("");
        incident.lead = lead(&before.split_whitespace().collect::<String>());
        Some(incident)
    }

    fn figures(&self, found: &Captures<'_>, pattern: &Regex, line: &Line, into: &mut Incident) {
        for name in pattern.capture_names().flatten() {
            let Some(text) = found.name(name).map(|group| group.as_str().trim()) else {
                continue;
            };
            match name {
                GPU => into.device = text.parse().ok(),
                RANK => into.rank = text.parse().ok().or(into.rank),
                _ => {
                    if let (Some(key), Some(bytes)) = (key(name), self.size(text)) {
                        let fact = Fact {
                            bytes,
                            text: text.to_owned(),
                            line: line.number,
                            source: FactSource::Message,
                        };
                        into.facts.insert(key, fact);
                    }
                }
            }
        }
    }

    /// "2 GiB", "2048MiB", "1,073,741,824".
    fn size(&self, text: &str) -> Option<Bytes> {
        let numeral = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
        let (number, label) = text.split_at(text.find(|c| !numeral(c)).unwrap_or(text.len()));
        let number = number.trim_end_matches(['.', ',']);
        match label.trim() {
            "" if self.unit == 1 => {
                let plain: String = number.chars().filter(char::is_ascii_digit).collect();
                Some(Bytes::exact(plain.parse().ok()?))
            }
            "" => {
                let (digits, decimals) = bytes::digits(number)?;
                Bytes::rounded(digits, decimals, self.unit)
            }
            label => bytes::parse(number, label),
        }
    }
}

/// All messages of the user's own, in the order in which they may claim a line.
pub struct Owns {
    all: Vec<Own>,
    /// Every literal, tagged with the index of its message.
    literals: Literals,
}

impl Owns {
    /// So many can be told apart.
    pub const MOST: usize = 200;

    /// These messages; what is more than [`Self::MOST`] is left out.
    pub fn new(mut all: Vec<Own>) -> Self {
        all.truncate(Self::MOST);
        let tagged = (0u8..).zip(&all).flat_map(|(tag, own)| {
            let texts = own.literals.iter().cloned();
            texts.map(move |text| (text, tag))
        });
        let literals = Literals::new(tagged.collect::<Vec<_>>());
        Self { all, literals }
    }

    /// The messages.
    pub fn all(&self) -> &[Own] {
        &self.all
    }

    /// Adds the messages in lines that nothing has taken yet.
    pub(super) fn add(&self, source: &str, lane: &Lane, sightings: &mut Vec<Recognized>) {
        let mut taken = vec![false; lane.lines.len()];
        for sighting in sightings.iter() {
            let lines = taken.get_mut(sighting.first..=sighting.last);
            lines.into_iter().flatten().for_each(|line| *line = true);
        }
        let mut frame = false;
        for ((index, line), taken) in lane.lines.iter().enumerate().zip(taken) {
            // Below a frame of Python's stack stands the line of code, which holds the words and prints nothing.
            let code = frame;
            frame = line.text.trim_start().starts_with("File \"");
            if taken || code {
                continue;
            }
            if let Some(incident) = self.read(source, line, lane.rank) {
                sightings.push(Recognized {
                    role: Role::Failure,
                    incident,
                    first: index,
                    last: index,
                });
            }
        }
        sorting::by_key(sightings, |sighting| sighting.first);
    }

    /// The first message that the line is.
    fn read(&self, source: &str, line: &Line, rank: Option<u32>) -> Option<Incident> {
        let text = start(&line.text, LONGEST_LINE).as_bytes();
        let mut held: Vec<u8> = Vec::new();
        self.literals.each(text, 0..text.len(), &mut |hit| {
            if !held.contains(&hit.tag) {
                held.push(hit.tag);
            }
        });
        held.sort_unstable();
        let mut own = held
            .iter()
            .filter_map(|tag| self.all.get(usize::from(*tag)));
        own.find_map(|own| own.read(source, line, rank))
    }
}

impl fmt::Debug for Owns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}

//! Finds the messages in the lines of one lane.

use std::sync::LazyLock;

use super::sizes::Found;
use super::{Field, Match, Message, Owns, READ, Role, patterns};
use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, Flag, Incident, Key};
use crate::place::Place;
use crate::text::literals::Literals;
use crate::text::{Lane, Squeezed};

/// How much squeezed text before its head a message may look at.
pub(super) const BEFORE: usize = 2000;

/// One message that was found.
#[derive(Clone, Debug)]
pub(crate) struct Recognized {
    /// The message that recognized it.
    pub role: Role,
    /// What it says.
    pub incident: Incident,
    /// The index in the lane of its first line.
    pub first: usize,
    /// The index in the lane of its last line.
    pub last: usize,
}

/// Literals of every message, squeezed and tagged with its index, to run only the patterns that can match.
static SIGNATURES: LazyLock<Literals> = LazyLock::new(|| {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let messages = (0..).zip(READ);
    Literals::new(messages.flat_map(|(tag, message)| {
        message
            .signatures
            .iter()
            .map(move |text| (squeezed(text), tag))
    }))
});

/// Finds messages in lanes of one source.
#[derive(Debug)]
pub(crate) struct Matcher<'a> {
    source: &'a str,
    own: Option<&'a Owns>,
}

/// A head that matched: where, and whose.
struct Head {
    start: usize,
    end: usize,
    index: usize,
    message: &'static Message,
}

impl<'a> Matcher<'a> {
    /// A matcher for one source, the name of which goes into every place.
    #[cfg(test)]
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, own: None }
    }

    /// A matcher for one source, with messages of the user's own. They are looked for in lines that no built-in message takes.
    pub(crate) fn with(source: &'a str, own: Option<&'a Owns>) -> Self {
        Self { source, own }
    }

    /// All messages in the lane, in order; no two share text.
    pub(crate) fn find(&self, lane: &Lane) -> Vec<Recognized> {
        let squeezed = Squeezed::of(&lane.lines);
        let page = Page {
            lane,
            squeezed: &squeezed,
        };
        let heads = page.heads();
        let mut sightings = Vec::new();
        let mut claimed = 0;
        for (index, head) in heads.iter().enumerate() {
            if head.start < claimed {
                continue;
            }
            let next = heads
                .iter()
                .skip(index + 1)
                .find(|h| h.start >= head.end && h.message.role != Role::Noise);
            let end = next.map_or(squeezed.text.len(), |n| n.start);
            let (sighting, taken) = self.read(head, end, &page);
            claimed = taken;
            sightings.push(sighting);
        }
        if let Some(own) = self.own {
            own.add(self.source, lane, &mut sightings);
        }
        sightings
    }

    /// Reads the message at a head; also says how far into the squeezed text it goes.
    fn read(&self, head: &Head, end: usize, page: &Page<'_>) -> (Recognized, usize) {
        let Head { index, message, .. } = *head;
        page.with_hit(head, end, |hit| {
            let place = Place {
                source: self.source.to_owned(),
                line: (hit.line_number)(0),
            };
            let mut incident = Incident::new(place, message.memory, message.framework, message.id);
            incident.rank = page.lane.rank;
            let taken = fields(index, message, hit, &mut incident).max(hit.head);
            incident.flags.extend(message.flags.iter().copied());
            if let Some(more) = message.more {
                more(hit, &mut incident);
            }
            refuse_the_absurd(&mut incident);
            incident.lead = lead(hit.line_before());
            let sighting = Recognized {
                role: message.role,
                incident,
                first: page.squeezed.line_at(head.start),
                last: page
                    .squeezed
                    .line_at((head.start + taken).saturating_sub(1)),
            };
            (sighting, head.start + taken)
        })
    }
}

/// The words before a message in its line, digits blanked; the nearest ones of a long line.
pub(super) fn lead(before: &str) -> String {
    let near = super::tail(before, 80);
    near.chars()
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .collect()
}

/// No device has so much: a size from here on is a negative or an overflown one.
const ABSURD: u64 = 1 << 60;

/// What is no size leaves the figures. A request of such a size is a failure all the same, and a corrupt one.
pub(super) fn refuse_the_absurd(incident: &mut Incident) {
    let tried = incident.facts.fact(Key::Tried);
    let absurd = tried.is_some_and(|fact| fact.bytes.low() >= ABSURD);
    if absurd {
        incident.flags.insert(Flag::CorruptSize);
    }
    incident.facts.forget_sentinels();
}

/// True for a number with more digits than any size has, which no `u64` holds.
fn too_long(found: &Found, printed: &str) -> bool {
    const MOST: usize = 9;
    let number = printed.get(found.number.clone()).unwrap_or_default();
    let whole = number.split('.').next().unwrap_or_default();
    let digits = whole.trim_start_matches('0').bytes();
    digits.filter(u8::is_ascii_digit).count() > MOST
}

/// Reads the numbers of a message; returns how far into its text they go.
fn fields(of: usize, message: &Message, hit: &Match<'_>, incident: &mut Incident) -> usize {
    let mut taken = 0;
    for (index, field) in message.fields.iter().enumerate() {
        let Some(found) = patterns::field(of, index, hit.folded) else {
            continue;
        };
        let Some((bytes, text)) = size(field, &found, hit.text) else {
            if field.0 == Key::Tried && too_long(&found, hit.text) {
                incident.flags.insert(Flag::CorruptSize);
            }
            continue;
        };
        let at = found.number.start;
        taken = taken.max(found.end);
        let fact = Fact {
            bytes,
            text,
            line: (hit.line_number)(at),
            source: message.source,
        };
        incident.facts.insert(field.0, fact);
    }
    taken
}

/// A lane and its squeezed copy.
struct Page<'a> {
    lane: &'a Lane,
    squeezed: &'a Squeezed,
}

impl Page<'_> {
    /// Lends the text from a head on, up to `end` and no further than its message reaches.
    fn with_hit<T>(&self, head: &Head, end: usize, then: impl FnOnce(&Match<'_>) -> T) -> T {
        let text = &self.squeezed.text;
        let reach = head.message.reach.max(head.end - head.start);
        let end = floor(text, end.min(head.start.saturating_add(reach)));
        let from = floor(text, head.start.saturating_sub(BEFORE));
        let line = |offset: usize| {
            let index = self.squeezed.line_at(head.start + offset);
            self.lane.lines.get(index).map_or(0, |line| line.number)
        };
        then(&Match {
            text: text.get(head.start..end).unwrap_or(""),
            folded: self.squeezed.folded.get(head.start..end).unwrap_or(""),
            before: text.get(from..head.start).unwrap_or(""),
            line_text: self.squeezed.near(head.start, &self.lane.lines),
            line_number: &line,
            head: head.end - head.start,
            at: head.start,
            squeezed: self.squeezed,
            lines: &self.lane.lines,
        })
    }

    /// The heads that stand as messages, by place and then by the order of the list.
    fn heads(&self) -> Vec<Head> {
        let text = &self.squeezed.folded;
        let mut heads = Vec::new();
        for (index, message) in announced(text) {
            let places = patterns::heads(index, text).into_iter();
            let found = places.map(|place| Head {
                start: place.start,
                end: place.end,
                index,
                message,
            });
            match message.accepts {
                None => heads.extend(found),
                Some(accepts) => {
                    heads.extend(found.filter(|h| self.with_hit(h, text.len(), accepts)));
                }
            }
        }
        heads.sort_by_key(|h| h.start);
        heads
    }
}

/// The size of a field, and its text as printed: it was found in lower case.
fn size(field: &Field, found: &Found, printed: &str) -> Option<(Bytes, String)> {
    let number = printed.get(found.number.clone())?;
    let number = number.trim_end_matches(['.', ',']);
    let unit = found.unit.clone().and_then(|unit| printed.get(unit));
    let Some(unit) = unit else {
        let plain: String = number.chars().filter(char::is_ascii_digit).collect();
        return Some((Bytes::exact(plain.parse().ok()?), number.to_owned()));
    };
    let bytes = if field.1.contains("{floored}") {
        Bytes::floored(number.parse().ok()?, bytes::unit(unit)?)?
    } else {
        bytes::parse(number, unit)?
    };
    Some((bytes, format!("{number} {unit}")))
}

/// The messages whose literals the text holds, with their indices, in the order of the list.
fn announced(text: &str) -> Vec<(usize, &'static Message)> {
    let mut seen = [false; READ.len()];
    SIGNATURES.each(text.as_bytes(), 0..text.len(), &mut |hit| {
        if let Some(seen) = seen.get_mut(usize::from(hit.tag)) {
            *seen = true;
        }
    });
    let all = READ.iter().copied().enumerate();
    all.zip(&seen)
        .filter_map(|(message, seen)| seen.then_some(message))
        .collect()
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}

//! One failure that one record holds twice: a notebook's `evalue` before its `traceback`, a log's message before its `exc_info`.

use crate::messages::Recognized;
use crate::stack::pytest;
use crate::text::Line;

/// So many lines of a notebook may stand between the two: each line of the stack is one.
const APART: usize = 200;

/// Leaves of two sightings with the same figures the later, which has the stack.
pub(crate) fn drop_announced(sightings: &mut Vec<Recognized>, lines: &[Line]) {
    // Ten thousand messages may stand on one long line: its words are read once.
    let mut known: Option<(usize, Option<usize>)> = None;
    let announced: Vec<bool> = sightings
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let reach_of = |at: usize| lines.get(at).and_then(|line| reach(&line.text));
            let rest = sightings.get(index + 1..).unwrap_or_default();
            let last = known.filter(|(line, _)| *line == one.first);
            let reach = last.map_or_else(|| reach_of(one.first), |(_, reach)| reach);
            known = Some((one.first, reach));
            reach.is_some_and(|reach| {
                rest.iter()
                    .any(|other| other.first <= one.first + reach && alike(one, other))
            })
        })
        .collect();
    let mut announced = announced.into_iter();
    sightings.retain(|_| announced.next() != Some(true));
}

/// How far below a line its stack may follow; `None` where the line is no such record.
fn reach(text: &str) -> Option<usize> {
    const RECORDS: [&str; 6] = [
        "\"exc_info\"",
        "\"traceback\"",
        "\"stack_trace\"",
        "\"exception\"",
        "\"stacktrace\"",
        "\"exc_text\"",
    ];
    // JUnit's XML has the message as an attribute, and below it the text with the stack.
    if text.contains("\"evalue\"") || text.starts_with("<failure") || text.starts_with("<error ") {
        return Some(APART);
    }
    // `--tb=line` of pytest has the message, and in the next line its place and the message.
    if pytest::is_exception(text) {
        return Some(1);
    }
    RECORDS.iter().any(|key| text.contains(key)).then_some(0)
}

fn alike(one: &Recognized, other: &Recognized) -> bool {
    let texts = |sighting: &Recognized| -> Vec<String> {
        let facts = sighting.incident.facts.iter();
        facts
            .map(|(key, fact)| format!("{key:?} {}", fact.text))
            .collect()
    };
    one.incident.format == other.incident.format && texts(one) == texts(other)
}

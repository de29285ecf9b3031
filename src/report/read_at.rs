//! Which line of the input each figure of a failure was read at.

use crate::evidence::Incident;
use crate::place::Place;
use crate::sorting;

/// "tried 33.55 GiB", "free 16.25 GiB" by the line that holds them, in the order of the input.
pub(super) fn figures(incident: &Incident) -> Vec<(u64, Vec<String>)> {
    let mut lines: Vec<(u64, Vec<String>)> = Vec::new();
    for (key, fact) in incident.facts.iter() {
        let words = format!("{} {}", key.name().replace('_', " "), fact.text);
        match lines.iter_mut().find(|(line, _)| *line == fact.line) {
            Some((_, facts)) => facts.push(words),
            None => lines.push((fact.line, vec![words])),
        }
    }
    sorting::by_key(&mut lines, |(line, _)| *line);
    lines
}

/// "train.log:412", or only the name of a record, which has no lines.
pub(super) fn place(incident: &Incident, line: u64) -> String {
    let record = incident.holdings.as_ref().filter(|_| line == 0);
    let source = record.map_or(&incident.place.source, |held| &held.source);
    let source = source.clone();
    Place { source, line }.to_string()
}

/// The same with the line of the message itself, which may hold none.
pub(super) fn with_message(incident: &Incident) -> Vec<(u64, Vec<String>)> {
    let mut lines = figures(incident);
    let message = incident.place.line;
    if lines.iter().all(|(line, _)| *line != message) {
        lines.push((message, Vec::new()));
        sorting::by_key(&mut lines, |(line, _)| *line);
    }
    lines
}

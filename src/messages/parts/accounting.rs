//! The rows of `sacct`: its columns are those that somebody asked for, so the head tells what a value is (Slurm, `src/sacct/print.c`).

use super::told;
use crate::bytes::{self, Bytes};
use crate::evidence::{Incident, Key, Part};
use crate::messages::Match;

/// So far above a row its head may stand.
const ABOVE: usize = 200;

/// True for a row of a job or of a step: `4711`, `4711_3.batch`.
pub(in crate::messages) fn is_row(line: &str) -> bool {
    let first = line.trim_start_matches(['>', ' ', '|']);
    let first = first.split([' ', '|']).next().unwrap_or_default();
    // A state is written in capitals; an entry of a list of bugs has a number before it, too.
    is_job(first) && line.contains("OUT_OF_ME")
}

fn is_job(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.+[]-".contains(&b))
        && !text.contains(['-', ':'])
}

/// The job or the step of the row, what it held and what it had.
pub(in crate::messages) fn read(hit: &Match<'_>, incident: &mut Incident) {
    let row = hit.line_text;
    let first = row.trim_start_matches(['>', ' ', '|']);
    let first = first.split([' ', '|']).next().unwrap_or_default();
    // A column that is too narrow ends in a plus.
    if !first.ends_with('+') {
        let part = if first.contains('.') {
            Part::Step
        } else {
            Part::Job
        };
        incident.who.add(part, first);
    }
    for (name, value) in columns(hit) {
        match name.as_str() {
            "MaxRSS" => size(hit, incident, Key::ProcessInUse, &value),
            "ReqMem" => size(hit, incident, Key::Limit, &value),
            "NodeList" if !value.contains(['[', ',']) => incident.who.add(Part::Host, value),
            _ => {}
        }
    }
}

/// The names and the values of a row, by its head.
fn columns(hit: &Match<'_>) -> Vec<(String, String)> {
    let heads = |line: &&str| line.contains("JobID") && line.contains("State");
    let Some(head) = hit.lines_above().take(ABOVE).find(heads) else {
        return Vec::new();
    };
    let row = hit.line_text;
    if head.contains('|') {
        let cells = |line: &str| -> Vec<String> {
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        return cells(head).into_iter().zip(cells(row)).collect();
    }
    // Names and values end in the same place.
    let mut from = 0;
    let mut columns = Vec::new();
    let mut names = head.split_whitespace().peekable();
    while let Some(name) = names.next() {
        let at = head.get(from..).and_then(|rest| rest.find(name));
        let to = from + at.unwrap_or(0) + name.len();
        // What is longer than the last column goes on behind it.
        let end = if names.peek().is_none() {
            row.len()
        } else {
            to.min(row.len())
        };
        let value = row.get(from.min(end)..end).unwrap_or_default();
        columns.push((name.to_owned(), value.trim().to_owned()));
        from = to;
    }
    columns
}

/// `16777216K`, `16Gn`, `16G`. What ends in `c` is of one core, and how many there are is not told.
fn size(hit: &Match<'_>, incident: &mut Incident, key: Key, value: &str) {
    let plain = value.trim_end_matches('n');
    let (number, unit) = plain.split_at(plain.len().saturating_sub(1));
    let known = unit.contains(['K', 'M', 'G', 'T']) && !number.is_empty();
    // Whole numbers are no rounded ones.
    let whole = || {
        Some(Bytes::exact(
            number
                .parse::<u64>()
                .ok()?
                .checked_mul(bytes::unit(unit)?)?,
        ))
    };
    let bytes = whole().or_else(|| bytes::parse(number, unit));
    let bytes = bytes.filter(|bytes| known && bytes.high() > 0);
    if let Some(bytes) = bytes {
        told::add(hit, incident, key, bytes, format!("{number} {unit}"));
    }
}

//! The rows of `sacct`: its columns are those that somebody asked for, so the head tells what a value is (Slurm, `src/sacct/print.c`).

use super::told;
use crate::bytes::{self, Bytes};
use crate::evidence::{Incident, Key, Part};
use crate::messages::Match;

/// So far above a row its head may stand.
const ABOVE: usize = 200;

/// True for a row of a job or of a step: `4711`, `4711_3.batch`.
pub(in crate::messages) fn is_row(line: &str) -> bool {
    let first = line.trim_start_matches([' ', '|']);
    let first = first.split([' ', '|']).next().unwrap_or_default();
    is_job(first) && first.len() < line.trim().len()
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
    let first = row.trim_start_matches([' ', '|']);
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
    let row = hit.line_text;
    let mut below = "";
    for line in hit.lines_above().take(ABOVE) {
        if line.contains("JobID") && line.contains("State") {
            let of = |line: &str| -> Vec<String> {
                if line.contains('|') {
                    line.split('|').map(|cell| cell.trim().to_owned()).collect()
                } else {
                    spans(below)
                        .map(|(from, to)| cell(line, from, to))
                        .collect()
                }
            };
            return of(line).into_iter().zip(of(row)).collect();
        }
        below = line;
    }
    Vec::new()
}

/// Where the columns begin and end, by the dashes below their names.
fn spans(rule: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    rule.split(' ').filter_map(move |dashes| {
        let from = at;
        at += dashes.len() + 1;
        let all = !dashes.is_empty() && dashes.bytes().all(|b| b == b'-');
        // What is longer than the last column goes on behind it.
        let to = if at > rule.len() {
            usize::MAX
        } else {
            from + dashes.len()
        };
        all.then_some((from, to))
    })
}

fn cell(line: &str, from: usize, to: usize) -> String {
    let text = line.get(from..to.min(line.len())).unwrap_or_default();
    text.trim().to_owned()
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

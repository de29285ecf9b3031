//! The pod and the container of a state in the status of a pod, as `kubectl get pod -o yaml`, `-o json` and the API write it: in the block
//! around the state, above it or below.

use super::told;
use crate::bytes;
use crate::evidence::{Incident, Key, Part};
use crate::messages::Match;

/// So far around the state its block is looked through.
const AROUND: usize = 200;
/// So many blocks up its container is named.
const UP: usize = 4;

/// Takes the names and the limit from around a state; false where it stands in no status.
pub(in crate::messages) fn read(hit: &Match<'_>, incident: &mut Incident) -> bool {
    let own = hit.line_text.trim_start_matches([' ', '-', '{']);
    if own.starts_with("reason:") || own.starts_with("\"reason\": ") {
        of_block(hit, incident);
        return true;
    }
    let Some(at) = hit.line_text.find("\"reason\":") else {
        return false;
    };
    let container = around(hit.line_text, at).find_map(|block| field(block, "name"));
    incident
        .who
        .add(Part::Container, container.unwrap_or_default());
    let pod = hit.line_text.split_once("\"metadata\":{");
    let pod = pod.and_then(|(_, rest)| field(&format!("{{{rest}"), "name"));
    incident.who.add(Part::Pod, pod.unwrap_or_default());
    true
}

/// Of text over several lines: what is indented as much as an enclosing block is a field of it.
fn of_block(hit: &Match<'_>, incident: &mut Incident) {
    let above: Vec<&str> = hit.lines_above().take(AROUND).collect();
    let below: Vec<&str> = hit.lines_below().take(AROUND).collect();
    let mut level = indent(hit.line_text);
    for _ in 0..UP {
        let fields = |lines: &[&str]| {
            let mut inside = lines.iter().take_while(|line| indent(line) >= level);
            let name = inside.find(|line| indent(line) == level && named(line, "name").is_some());
            name.and_then(|line| named(line, "name")).map(str::to_owned)
        };
        // The first of a list's item has its dash above.
        let begun = above.iter().find(|line| indent(line) <= level);
        let begun = begun.filter(|line| line.trim_start().starts_with("- "));
        let begun = begun
            .and_then(|line| named(line, "name"))
            .map(str::to_owned);
        if let Some(name) = begun.or_else(|| fields(&above)).or_else(|| fields(&below)) {
            incident.who.add(Part::Container, name);
            break;
        }
        let Some(outer) = above.iter().map(|line| indent(line)).find(|at| *at < level) else {
            break;
        };
        level = outer;
    }
    let head = above.iter().position(|line| {
        let line = line.trim();
        line == "metadata:" || line == "\"metadata\": {"
    });
    let of_pod = above.get(..head.unwrap_or(0)).unwrap_or_default();
    let pod = of_pod
        .iter()
        .rev()
        .take(40)
        .find_map(|line| named(line, "name"));
    incident.who.add(Part::Pod, pod.unwrap_or_default());
    limit(hit, incident, &above);
}

/// The limit, where one container has one.
fn limit(hit: &Match<'_>, incident: &mut Incident, above: &[&str]) {
    let heads = || {
        (0..)
            .zip(above)
            .filter(|(_, line)| named(line, "limits").is_some())
    };
    let Some((at, _)) = heads().next().filter(|_| heads().count() == 1) else {
        return;
    };
    let fields = above.get(..at).unwrap_or_default().iter().rev().take(4);
    let Some(size) = fields.into_iter().find_map(|line| named(line, "memory")) else {
        return;
    };
    let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = size
        .get(digits.len()..)
        .unwrap_or_default()
        .trim_end_matches('i');
    if let Some(bytes) = bytes::parse(digits, if unit.is_empty() { "bytes" } else { unit }) {
        told::add(hit, incident, Key::Limit, bytes, size.to_owned());
    }
}

/// The value of a line `key: value`, `- key: value` or `"key": "value",`.
fn named<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let line = line.trim().trim_start_matches("- ");
    let (own, value) = line.split_once(':')?;
    (own.trim_matches('"') == key).then(|| value.trim().trim_matches(['"', ',', '{', ' ']))
}

/// How far a line is indented; the dash of a list counts as blanks.
fn indent(line: &str) -> usize {
    let text = line.trim_start_matches([' ', '-']);
    if text.is_empty() {
        usize::MAX
    } else {
        line.len() - text.len()
    }
}

/// The objects around a place of JSON on one line, innermost first, each to its end.
fn around(text: &str, at: usize) -> impl Iterator<Item = &str> {
    let before = text.get(..at).unwrap_or_default();
    let mut closed = 0_usize;
    let opens = before.char_indices().rev().filter(move |(_, c)| match c {
        '}' => {
            closed += 1;
            false
        }
        '{' if closed > 0 => {
            closed -= 1;
            false
        }
        c => *c == '{',
    });
    opens.take(UP).filter_map(|(open, _)| text.get(open..))
}

/// The value of a field of the object that the text begins with, and of none within it.
fn field(object: &str, key: &str) -> Option<String> {
    let sign = format!("\"{key}\":\"");
    let mut depth = 0_i32;
    for (at, c) in object.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '"' if depth == 1 => {
                if let Some(rest) = object.get(at..).and_then(|rest| rest.strip_prefix(&sign)) {
                    return rest.split_once('"').map(|(value, _)| value.to_owned());
                }
            }
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

//! The files of a program as one text: what one of them defines and another one calls is looked at together.

use std::path::{Path, PathBuf};

use super::beside;
use super::code::{self, Code};
use super::{LARGEST, clues, read};
use crate::evidence::{Clue, ClueKind};

/// So many files that a stack does not name are read for what they define.
const MOST: usize = 24;

/// One file.
pub(super) struct Part {
    /// As the stack names it; else below the root.
    pub(super) name: String,
    /// Below the root, with forward slashes.
    pub(super) shown: String,
    pub(super) text: String,
    /// True where a stack or a census names it.
    pub(super) named: bool,
}

/// The files that these import, and those that they import, each below the root.
pub(super) fn imported(root: &Path, own: &[(PathBuf, String)]) -> Vec<Part> {
    let mut seen: Vec<PathBuf> = own.iter().map(|(path, _)| path.clone()).collect();
    let mut todo: Vec<(PathBuf, String)> = own.to_vec();
    let mut found = Vec::new();
    while let Some((script, text)) = todo.pop() {
        for path in beside::imports(root, &script, &text) {
            if found.len() >= MOST || seen.contains(&path) {
                continue;
            }
            seen.push(path.clone());
            let Some(text) = read(&path) else {
                continue;
            };
            let shown = shown(root, &path);
            found.push(Part {
                name: shown.clone(),
                shown,
                text: text.clone(),
                named: false,
            });
            todo.push((path, text));
        }
    }
    found
}

/// A path below the root, with forward slashes.
pub(super) fn shown(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let below: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    below.join("/")
}

/// The clues of all files. Those that together are too large, or that cannot be parsed as a whole, are looked at one by one.
pub(super) fn clues(parts: &[Part], keep: &[&str], stack: &[(String, u64)]) -> Vec<Clue> {
    let mut joined: Vec<&Part> = Vec::new();
    let mut size = 0;
    let mut found = Vec::new();
    let (named, others): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| part.named);
    for part in named.into_iter().chain(others) {
        size += part.text.len() as u64;
        if size <= LARGEST && whole(&part.text) {
            joined.push(part);
        } else if part.named {
            found.extend(alone(part, keep));
        }
    }
    found.extend(together(&joined, keep, stack));
    found
}

/// True for a text whose statements all end with it.
fn whole(text: &str) -> bool {
    code::parse(text).is_some_and(|tree| !tree.root_node().has_error())
}

fn alone(part: &Part, keep: &[&str]) -> Vec<Clue> {
    let mut found = super::clues_of(&part.text, &part.name, keep).unwrap_or_default();
    for clue in &mut found {
        part.shown.clone_into(&mut clue.path);
    }
    found
}

fn together(parts: &[&Part], keep: &[&str], stack: &[(String, u64)]) -> Vec<Clue> {
    let mut text = String::new();
    let mut ends = Vec::new();
    for part in parts {
        text.push_str(&part.text);
        if !part.text.ends_with('\n') {
            text.push('\n');
        }
        ends.push(text.matches('\n').count() as u64);
    }
    let Some(tree) = code::parse(&text) else {
        return Vec::new();
    };
    let Some(whole_code) = Code::new(&tree, &text) else {
        return parts
            .iter()
            .filter(|part| part.named)
            .flat_map(|part| alone(part, keep))
            .collect();
    };
    let frames = stack.iter().filter_map(|(file, line)| {
        let at = parts.iter().position(|part| part.name == *file)?;
        let before = at.checked_sub(1).and_then(|at| ends.get(at));
        Some(before.copied().unwrap_or(0) + line)
    });
    let frames: Vec<u64> = frames.collect();
    let mut found: Vec<Clue> = clues::in_functions(&whole_code, "", keep, &frames)
        .into_iter()
        .filter(|clue| {
            clue.kind != ClueKind::EvalWithGraph || !below_off(&whole_code, &frames, clue)
        })
        .map(|mut clue| {
            clue.no_graph |= below_off(&whole_code, &frames, &clue);
            clue
        })
        .filter_map(|clue| placed(clue, parts, &ends))
        .collect();
    at_the_top(&whole_code, parts, &ends, &mut found);
    crate::sorting::by_key(&mut found, |clue| {
        let at = parts.iter().position(|part| part.shown == clue.path);
        (at, clue.line, clue.kind)
    });
    found
}

/// Adds what the lines outside of functions show, of each file by itself.
fn at_the_top(whole: &Code<'_>, parts: &[&Part], ends: &[u64], found: &mut Vec<Clue>) {
    for part in parts.iter().filter(|part| part.named) {
        let Some(tree) = code::parse(&part.text) else {
            continue;
        };
        let Some(code) = Code::new(&tree, &part.text) else {
            continue;
        };
        for mut clue in clues::at_top(&code, &part.name) {
            part.shown.clone_into(&mut clue.path);
            if off_by_callers(whole, part, parts, ends, clue.line) {
                continue;
            }
            let known = |other: &Clue| {
                (&other.path, other.line, other.kind) == (&clue.path, clue.line, clue.kind)
            };
            if !found.iter().any(known) {
                found.push(clue);
            }
        }
    }
}

/// True for a line in a function of the stack, where one above it has switched the graph off.
fn below_off(code: &Code<'_>, frames: &[u64], clue: &Clue) -> bool {
    let call = |line: u64| code.kind("call").find(|n| code::line(*n) == line);
    let function = |line: u64| call(line).and_then(|n| code.function(n)).map(|f| f.id());
    let Some(own) = function(clue.line) else {
        return false;
    };
    let Some(at) = frames.iter().position(|line| function(*line) == Some(own)) else {
        return false;
    };
    let mut above = frames.iter().take(at);
    above.any(|line| call(*line).is_some_and(|n| code.without_graph(n)))
}

/// True for a line in a function whose callers, in whatever file, switch the graph off.
fn off_by_callers(code: &Code<'_>, part: &Part, parts: &[&Part], ends: &[u64], line: u64) -> bool {
    let at = parts.iter().position(|other| other.shown == part.shown);
    let before = at.and_then(|at| at.checked_sub(1));
    let before = before.and_then(|at| ends.get(at)).copied().unwrap_or(0);
    let line = before + line;
    let node = code.kind("call").find(|n| code::line(*n) == line);
    let function = node.and_then(|n| code.function(n));
    function.is_some_and(|f| code.called_without_graph(f))
}

/// A clue of the joined text as one of its file.
fn placed(mut clue: Clue, parts: &[&Part], ends: &[u64]) -> Option<Clue> {
    let at = ends.iter().position(|end| clue.line <= *end)?;
    let part = parts.get(at)?;
    // What nobody has seen to run is no reason, as long as it piles nothing up.
    if !part.named && !clue.kind.leaks() {
        return None;
    }
    let before = at.checked_sub(1).and_then(|at| ends.get(at)).copied();
    let before = before.unwrap_or(0);
    clue.line -= before;
    part.name.clone_into(&mut clue.file);
    part.shown.clone_into(&mut clue.path);
    if let Some((first, last)) = &mut clue.during {
        *first = first.saturating_sub(before);
        *last = last.saturating_sub(before);
    }
    if let Some(patch) = clue.patch.take() {
        let row = usize::try_from(patch.line - before).ok()?.checked_sub(1)?;
        clue.patch = code::changed(&part.text, row, patch.new);
    }
    Some(clue)
}

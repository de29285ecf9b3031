//! The program's own source: the files that its frames name are parsed, never run, and the lines that keep memory are found.
//!
//! Only files below one folder are read, each at most a megabyte and few of them, whatever a traceback names.

mod attention;
mod beside;
mod built_again;
mod called;
mod callers;
mod clues;
mod code;
mod evaluated;
mod finder;
mod freed;
mod handed_over;
mod hooks;
mod loops;
mod outputs;
mod piles;
mod project;
mod quoted;
mod results;
mod spelled;
mod sums;
mod switched;
mod values;
mod without_loops;
mod written;

use std::path::{Path, PathBuf};

use crate::evidence::{Clue, ClueKind, Incident, Pasted};

/// No source file that a person wrote is larger.
const LARGEST: u64 = 1 << 20;
/// The innermost files of a stack are the telling ones.
const MOST_FILES: usize = 12;

/// Gives each failure the lines of its program that may keep memory.
pub(crate) fn join(root: &Path, incidents: &mut [Incident]) {
    for incident in incidents {
        let (files, clues) = look(root, incident);
        // A file knows more than the lines of it that a log shows.
        incident.clues.retain(|clue| !files.contains(&clue.file));
        incident.clues.extend(clues);
    }
}

/// Gives failures the lines that may keep memory, of those that the log itself shows. Code that was pasted beside several is read once.
pub(crate) fn quote(incidents: &mut [Incident]) {
    let mut read: Vec<(Vec<Pasted>, Vec<Clue>)> = Vec::new();
    for incident in incidents {
        if incident.clues.is_empty() {
            incident.clues = quoted::look(incident);
        }
        if !incident.clues.is_empty() || incident.pasted.is_empty() {
            continue;
        }
        let known = read.iter().find(|(code, _)| *code == incident.pasted);
        incident.clues = match known {
            Some((_, clues)) => clues.clone(),
            None => pasted(incident),
        };
        if known.is_none() {
            read.push((incident.pasted.clone(), incident.clues.clone()));
        }
    }
}

/// The lines that may keep memory, of code that somebody pasted beside the failure. Their lines are those of the input.
fn pasted(incident: &Incident) -> Vec<Clue> {
    let mut found = Vec::new();
    for code in &incident.pasted {
        let mut clues = clues_of(&code.text, &incident.place.source, &[]).unwrap_or_default();
        clues.retain(|clue| {
            clue.kind.leaks() || clue.kind.knob() || clue.kind == ClueKind::EvalWithGraph
        });
        for clue in &mut clues {
            clue.line += code.line - 1;
            clue.during = None;
            if let Some(patch) = &mut clue.patch {
                patch.line += code.line - 1;
            }
        }
        found.extend(clues);
    }
    found
}

/// The files that were read, as the stack names them, and their lines that may keep memory: of the files in the stack of a failure
/// and in its census.
fn look(root: &Path, incident: &Incident) -> (Vec<String>, Vec<Clue>) {
    let Ok(root) = root.canonicalize() else {
        return Default::default();
    };
    let frames = incident.traceback.frames.iter().rev();
    let mut names: Vec<&str> = frames.map(|frame| frame.file.as_str()).collect();
    if let Some(census) = &incident.census {
        names.extend(
            census
                .owners
                .iter()
                .filter_map(|owner| owner.file.as_deref()),
        );
    }
    let keep = incident.census.iter().flat_map(|census| &census.owners);
    let keep: Vec<&str> = keep
        .filter(|owner| owner.container.is_some())
        .filter_map(|owner| owner.name.as_deref()?.rsplit('.').next())
        .collect();
    let mut scripts: Vec<(PathBuf, String)> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let (mut files, mut parts) = (Vec::new(), Vec::new());
    for name in names {
        let Some(path) = inside(&root, name) else {
            continue;
        };
        files.push(name.to_owned());
        if seen.contains(&path) {
            continue;
        }
        if let Some(text) = read(&path) {
            scripts.push((path.clone(), text.clone()));
            parts.push(project::Part {
                name: name.to_owned(),
                shown: project::shown(&root, &path),
                text,
                named: true,
            });
        }
        seen.push(path);
        if seen.len() >= MOST_FILES {
            break;
        }
    }
    parts.extend(project::imported(&root, &scripts));
    let own = incident.traceback.frames.iter();
    let own = own.filter(|frame| files.contains(&frame.file));
    let stack: Vec<(String, u64)> = own
        .map(|frame| (frame.file.clone(), frame.line.into()))
        .collect();
    let mut found = project::clues(&parts, &keep, &stack);
    found.extend(besides(&root, &scripts, &found));
    (files, found)
}

/// The knobs that no script sets itself, of what stands beside the scripts.
fn besides(root: &Path, scripts: &[(PathBuf, String)], own: &[Clue]) -> Vec<Clue> {
    let mut found: Vec<Clue> = Vec::new();
    for (path, text) in scripts {
        for knob in beside::knobs(root, path, text) {
            let set = own.iter().any(|clue| clue.kind == knob.kind);
            let known = found
                .iter()
                .any(|clue| (&clue.path, clue.line) == (&knob.path, knob.line));
            if !set && !known && !scripts.iter().any(|(path, _)| path.ends_with(&knob.path)) {
                found.push(knob);
            }
        }
    }
    found
}

/// The clues of one text; `None` where it cannot be parsed.
pub(crate) fn clues_of(text: &str, name: &str, keep: &[&str]) -> Option<Vec<Clue>> {
    let tree = code::parse(text)?;
    let code = code::Code::new(&tree, text)?;
    Some(clues::find(&code, name, keep))
}

/// The file of a frame, where it is one of Python's below the root, whatever links lead there.
fn inside(root: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let packaged = name.contains("site-packages") || name.contains("dist-packages");
    if packaged || path.extension().is_none_or(|e| e != "py") {
        return None;
    }
    let found = root.join(path).canonicalize().ok();
    // A log of another machine has other folders in front: the end of the path is looked for below the root.
    let found = found.filter(|found| found.starts_with(root)).or_else(|| {
        let parts: Vec<_> = path.components().collect();
        (1..parts.len().min(12)).find_map(|from| {
            let tail: PathBuf = parts.get(from..)?.iter().collect();
            let found = root.join(tail).canonicalize().ok()?;
            found.starts_with(root).then_some(found)
        })
    })?;
    found.is_file().then_some(found)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file of source, whose size was looked at"
)]
fn read(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    if about.len() > LARGEST {
        return None;
    }
    String::from_utf8(std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests;

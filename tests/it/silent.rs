//! Texts that hold the words of a failure and tell of none: the table of `fixtures/silent.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::process::{command, finish};
use whyoom::diagnose;

/// So many entries at least.
const FEWEST: usize = 60;

/// One text, and why it must stay silent.
struct Entry {
    name: String,
    reason: String,
    text: String,
}

/// The entries of the table: a heading, a line with the reason, and the text in a fence.
fn entries() -> Vec<Entry> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/silent.md");
    let table = fs::read_to_string(path).unwrap();
    let sections = table.split("\n## ").skip(1);
    let entry = |section: &str| {
        let (name, rest) = section.split_once('\n').unwrap();
        let (reason, rest) = rest.split_once("\n```text\n").unwrap();
        let (text, after) = rest.split_once("\n```").unwrap();
        assert_eq!(after.trim(), "", "{name}: one text an entry");
        Entry {
            name: name.to_owned(),
            reason: reason.to_owned(),
            text: format!("{text}\n"),
        }
    };
    sections.map(entry).collect()
}

#[test]
fn the_table_is_whole() {
    let entries = entries();
    assert!(entries.len() >= FEWEST, "{}", entries.len());
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names.len(), entries.len(), "a name stands twice");
    for Entry { name, reason, .. } in &entries {
        assert!(
            reason.lines().count() == 1 && reason.ends_with('.'),
            "{name}"
        );
    }
}

#[test]
fn the_library_finds_nothing_in_any_of_them() {
    let mut found = Vec::new();
    for Entry { name, text, .. } in entries() {
        for shape in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("step 1\n\n{text}\nstep 2\n"),
        ] {
            for explained in diagnose("silent.log", shape.as_bytes()).incidents {
                let incident = &explained.incident;
                found.push(format!("{name}: {} at {}", incident.format, incident.place));
            }
        }
    }
    found.dedup();
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_command_finds_nothing_in_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let entries = entries();
    for Entry { name, text, .. } in &entries {
        fs::write(folder.path().join(format!("{name}.log")), text).unwrap();
    }
    let run = finish(
        command(&["-f", "json", folder.path().to_str().unwrap()]),
        b"",
    );
    let report = run.json();
    assert_eq!(report["inputs"].as_array().unwrap().len(), entries.len());
    let incidents = report["incidents"].as_array().unwrap();
    let places: Vec<String> = incidents
        .iter()
        .map(|i| format!("{}:{}", i["source"], i["line"]))
        .collect();
    assert!(places.is_empty(), "{}", places.join("\n"));
    assert_eq!(run.code, Some(0), "{}", run.err);
}

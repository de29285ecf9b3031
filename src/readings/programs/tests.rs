//! Every format reads its own examples, and nothing else.

use super::*;
use crate::readings::{NAMES, SIGNATURES, names_a_number, steps};
use proptest::prelude::*;

fn readings(lines: &str) -> Vec<(Counter, Option<u64>, String)> {
    let mut tables = Tables::default();
    let mut found = Vec::new();
    for line in lines.lines() {
        let mut readings = Readings::default();
        read(line, Marked::of(line), &mut tables, &mut readings);
        let step = readings
            .step
            .map_or_else(|| steps::find(line).step, |s| Some(s.0));
        found.extend(
            readings
                .iter()
                .map(|r| (r.counter, step, r.bytes.to_string())),
        );
    }
    found
}

#[test]
fn every_format_reads_its_own_examples() {
    for format in ALL {
        assert!(
            !format.examples.is_empty() && !format.printed_by.is_empty(),
            "{}",
            format.id
        );
        for example in format.examples {
            let expected: Vec<_> = example
                .reads
                .iter()
                .map(|(c, s, b)| (*c, *s, (*b).to_owned()))
                .collect();
            assert_eq!(
                readings(example.lines),
                expected,
                "{}: {}",
                format.id,
                example.lines
            );
        }
    }
}

/// True where the pass over a log hands the line over.
fn announced(lower: &str) -> bool {
    let named = |name: &&str| {
        let mut places = lower.match_indices(*name);
        places.any(|(at, _)| names_a_number(&lower.as_bytes()[..at], &lower.as_bytes()[at..]))
    };
    SIGNATURES.iter().any(|s| lower.contains(s)) || NAMES.iter().any(named)
}

#[test]
fn every_example_that_reads_something_passes_the_prefilter() {
    for format in ALL {
        let id = format.id;
        for line in format
            .examples
            .iter()
            .filter(|e| !e.reads.is_empty())
            // A row of a table is known by the head above it.
            .flat_map(|e| {
                e.lines
                    .lines()
                    .take(if id == "own-csv" { 1 } else { usize::MAX })
            })
        {
            let lower = line.to_ascii_lowercase();
            assert!(announced(&lower), "{id}: {line}");
            assert!(
                format.marks.iter().any(|mark| lower.contains(mark)),
                "{id}: {line}"
            );
        }
    }
}

#[test]
fn every_mark_passes_the_prefilter_too() {
    for format in ALL.iter().filter(|f| f.id != "not-device-memory") {
        let id = format.id;
        for mark in format.marks {
            let mut all = SIGNATURES.iter().chain(NAMES);
            assert!(all.any(|s| mark.contains(s)), "{id}: {mark}");
            assert_eq!(*mark, mark.to_ascii_lowercase(), "{id}");
        }
    }
    assert!(ALL.len() < 64, "a line's marks are kept in 64 bits");
}

#[test]
fn a_prefix_before_a_line_changes_nothing() {
    for format in ALL
        .iter()
        .filter(|f| !f.id.starts_with("nvidia") && !matches!(f.id, "ultralytics" | "own-csv"))
    {
        for example in format.examples {
            let prefixed: Vec<String> = example
                .lines
                .lines()
                .map(|l| format!("2026-11-20T12:00:01.123Z [worker] {l}"))
                .collect();
            assert_eq!(
                readings(&prefixed.join("\n")),
                readings(example.lines),
                "{}",
                format.id
            );
        }
    }
}

fn names(of: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn no_line_panics(parts in prop::collection::vec(prop_oneof![
        "\\PC{0,12}", "[0-9]{1,22}(\\.[0-9]{0,20})?",
        names(ALL.iter().flat_map(|f| f.marks.iter().copied().chain(f.fields.iter().map(|x| x.after))).collect::<Vec<_>>()),
        names(vec![" GB", "MiB", "/", "| ", "[", "step ", "G ", "memory ", ","]),
    ], 0..12)) {
        let mut tables = Tables { ultralytics: true, dmon: super::super::tables::Dmon { used: Some(1), ..Default::default() }, csv: super::super::tables::Csv { index: Some(0), used: Some(1), total: Some(2), columns: 3, ..Default::default() }, ..Tables::default() };
        let line = parts.concat();
        read(&line, Marked::of(&line), &mut tables, &mut Readings::default());
    }
}

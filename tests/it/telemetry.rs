//! Every log of `fixtures/telemetry`: the series that must be read from it, and their courses, worked out by hand.
//!
//! A file says what it is of, then one line a series: counter, what its step counts, verdict, and for growth the bytes a step
//! with how far the found slope may lie off. After `---` comes the log.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use whyoom::evidence::{Series, TrendVerdict};

/// One file.
struct Case {
    name: String,
    expected: Vec<String>,
    log: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/telemetry");
    let files = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let case = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let (head, log) = text.split_once("\n---\n").unwrap();
        let expected = head.lines().filter_map(|l| l.strip_prefix("expect: "));
        Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            expected: expected.map(str::to_owned).collect(),
            log: log.to_owned(),
        }
    };
    paths.iter().map(case).collect()
}

fn series(log: &str) -> Vec<Series> {
    whyoom::diagnose("log.txt", log.as_bytes()).series
}

/// What is wrong with one series; empty where it is as expected.
fn difference(expected: &str, found: &Series) -> Option<String> {
    let mut words = expected.split(' ').peekable();
    let mut word = || words.next().unwrap_or("");
    let counter = word();
    let step = word().replace('-', " ");
    let mut verdict = word();
    let mut rank = None;
    if verdict == "rank" {
        rank = Some(word().parse().unwrap());
        verdict = word();
    }
    let shown = format!(
        "{} {} rank {:?} {} {:?} {:?}",
        found.counter.name(),
        found.step_name,
        found.rank,
        found.trend.verdict.name(),
        found.trend.per_step,
        found.trend.by_design
    );
    let mut same = counter == found.counter.name()
        && step == found.step_name
        && rank == found.rank
        && verdict == found.trend.verdict.name();
    if verdict == "grows" {
        let slope: i64 = word().parse().unwrap();
        assert_eq!(word(), "within");
        let margin: u64 = word().parse().unwrap();
        let near = |(s, _): (i64, u64)| s.abs_diff(slope) <= margin;
        same &= found.trend.per_step.is_some_and(near);
        same &= found.trend.by_design.is_some() == (word() == "by-design");
        same &= found.trend.since.is_some() && found.trend.grown > 0;
    }
    (!same).then(|| format!("expected {expected}, found {shown}"))
}

fn differences(case: &Case, log: &str) -> Vec<String> {
    let found = series(log);
    let expected: Vec<&String> = case.expected.iter().filter(|e| *e != "nothing").collect();
    if expected.len() != found.len() {
        let names = found
            .iter()
            .map(|s| format!("{} {}", s.counter.name(), s.label));
        let names: Vec<String> = names.collect();
        return vec![format!(
            "{}: expected {} series, found {names:?}",
            case.name,
            expected.len()
        )];
    }
    let pairs = expected.into_iter().zip(&found);
    let wrong = pairs.filter_map(|(expected, found)| difference(expected, found));
    wrong.map(|text| format!("{}: {text}", case.name)).collect()
}

fn check(change: impl Fn(&str) -> String) {
    let wrong: Vec<String> = cases()
        .iter()
        .flat_map(|case| differences(case, &change(&case.log)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A log with every line changed.
fn each(log: &str, change: impl Fn(&str) -> String) -> String {
    log.lines().map(change).collect::<Vec<_>>().join("\n")
}

/// A print for each reading, in MiB.
fn prints(readings: impl Iterator<Item = u64>) -> String {
    let lines = readings
        .enumerate()
        .map(|(i, mib)| format!("step {i}: memory allocated: {mib} MiB"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_table_is_large_and_half_of_it_grows_not() {
    let cases = cases();
    let all: Vec<&String> = cases.iter().flat_map(|c| &c.expected).collect();
    let leaks = all
        .iter()
        .filter(|e| e.contains(" grows ") && !e.ends_with("by-design"));
    assert!(all.len() >= 60 && cases.len() >= 50);
    assert!(leaks.count() * 2 <= all.len() + 10);
}

#[test]
fn every_series_is_read_and_judged_as_by_hand() {
    check(str::to_owned);
}

#[test]
fn unrelated_lines_between_change_nothing() {
    check(|log| {
        let noise = "INFO collected 12 items\n  File \"train.py\", line 87, in main\nthe memory of a member of the house\n\n";
        each(log, |line| format!("{noise}{line}"))
    });
}

#[test]
fn windows_line_ends_change_nothing() {
    check(|log| log.replace('\n', "\r\n"));
}

#[test]
fn a_time_before_every_line_changes_nothing() {
    check(|log| each(log, |line| format!("2026-11-20T12:00:01.1234567Z {line}")));
}

#[test]
fn no_case_that_is_cut_short_anywhere_becomes_a_leak_without_being_one() {
    let quiet = cases();
    let quiet = quiet.iter().filter(|c| {
        !c.expected.iter().any(|e| e.contains(" grows "))
            && !c.name.starts_with("warm-up")
            && !c.name.starts_with("saw")
    });
    for case in quiet {
        let lines: Vec<&str> = case.log.lines().collect();
        for end in (0..lines.len().min(120)).step_by(3) {
            let found = series(&lines[..end].join("\n"));
            let grows = found.iter().any(|s| s.trend.verdict == TrendVerdict::Grows);
            assert!(!grows, "{} at line {end}", case.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn twice_the_readings_are_twice_the_slope(start in 1u64..1_000, slope in 1u64..500, readings in 8u64..60) {
        let log = |factor: u64| -> String {
            prints((0..readings).map(|i| (start + slope * i) * factor))
        };
        let (one, two) = (series(&log(1)), series(&log(2)));
        prop_assert_eq!(one[0].trend.verdict, two[0].trend.verdict);
        if let (Some((a, _)), Some((b, _))) = (one[0].trend.per_step, two[0].trend.per_step) {
            prop_assert_eq!(a * 2, b);
        }
    }
}

/// Noise as machines make it, and the same at every run: an arbitrary row of numbers within 5 % may well rise steadily.
#[test]
fn noise_of_a_twentieth_around_one_level_never_grows() {
    for seed in 1..200u64 {
        let mut state = seed;
        let mut share = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            950 + (state >> 33) % 100
        };
        let level = 10_000 + seed * 431;
        let readings = 16 + seed % 60;
        let log = prints((0..readings).map(|_| level * share() / 1000));
        assert_ne!(
            series(&log)[0].trend.verdict,
            TrendVerdict::Grows,
            "seed {seed}"
        );
    }
}

#[test]
fn a_bar_that_a_file_keeps_on_one_line_tells_as_much_as_one_of_many_lines() {
    for drawings in [9, 300, 5000u64] {
        let bar = |end: &str| -> String {
            let draw = |n: u64| {
                let tenths = 80 + n * 13;
                let filled = "#".repeat(usize::try_from(n * 20 / drawings).unwrap());
                let (whole, part) = (tenths / 10, tenths % 10);
                format!(
                    "{end}train: |{filled:20}| {n}/{drawings} [00:01<00:08, 9.1it/s, gpu_mem={whole}.{part}G, loss=0.1]"
                )
            };
            (0..=drawings).map(draw).collect()
        };
        let lines = series(&(bar("\n") + "\ndone\n"));
        let drawn = series(&(bar("\r") + "\ndone\n"));
        let [in_lines, in_one] = [lines, drawn].map(|all| {
            assert_eq!(all.len(), 1, "{drawings}");
            (all[0].count, all[0].trend.verdict, all[0].trend.per_step)
        });
        assert_eq!(in_one, in_lines, "{drawings}");
        assert_eq!(in_one.0, drawings + 1);
    }
}

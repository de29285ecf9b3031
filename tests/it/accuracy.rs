//! How often verdicts and first fixes are right, worked out from the measured failures and kept in the README.

#[path = "../fleet/log.rs"]
mod log;
#[expect(dead_code, reason = "a log shows fewer columns than there are")]
#[path = "../fleet/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use table::Failure;
use whyoom::catalogue::Measured;

use crate::known::ALONE;

const BEGIN: &str = "<!-- accuracy: written by WHYOOM_BLESS=1 cargo test --test it accuracy -->\n";
const END: &str = "<!-- accuracy: end -->";
const CAUSES: [&str; 6] = [
    "exhaustion",
    "fragmentation",
    "leak",
    "contention",
    "cap",
    "oversized",
];
/// What lets go of kept memory, which was measured as one: the program with its leak mended.
const LETS_GO: [&str; 5] = [
    "item-or-detach",
    "move-outputs-to-cpu",
    "drop-references",
    "remove-hooks",
    "gc-collect",
];

/// What was said of one failure.
struct Said {
    cause: &'static str,
    confidence: &'static str,
    /// The first fix that was measured, and whether the program passed with it.
    fix: Option<(&'static str, bool)>,
    right: bool,
    /// The frequency that the report names.
    measured: Option<Measured>,
}

fn said(f: &Failure) -> Said {
    let diagnosis = whyoom::diagnose("measured", log::of(f).as_bytes());
    assert_eq!(
        diagnosis.incidents.len(),
        1,
        "{}: one failure is one",
        log::of(f)
    );
    let failure = &diagnosis.incidents[0];
    let best = &failure.causes[0];
    let cause = best.finding.cause.name();
    let passed = |id: &str| match f.fixes.get(id) {
        None if LETS_GO.contains(&id) => f.fixes.get("leak-mended").copied(),
        known => known.copied(),
    };
    let mut measured = failure.fixes.iter().filter_map(|r| {
        let id = r.fix.id.name();
        passed(id).map(|passes| (id, passes))
    });
    // A fix that some program passes with is needed to be right or wrong about it.
    let fix = measured.next().filter(|_| f.mended());
    // Outputs that an evaluation keeps are one, whichever way the card let them pass.
    let collects = f.program == "evaluate.py" || f.inner.ends_with(":torch_pad_and_concatenate");
    let keeps = collects && cause == "leak";
    Said {
        cause,
        confidence: best.verdict.confidence.name(),
        fix,
        right: cause == f.label || keeps,
        measured: best.verdict.measured,
    }
}

/// All measured failures, and what is said of them.
fn all() -> &'static [(Failure, Said)] {
    static ALL: LazyLock<Vec<(Failure, Said)>> = LazyLock::new(|| {
        let failures = table::read().unwrap().into_iter();
        failures
            .map(|f| (said(&f), f))
            .map(|(said, f)| (f, said))
            .collect()
    });
    &ALL
}

/// A cause with the frequency that is said of it: so many of so many.
type Named = (&'static str, u32, u32);
/// So many were right, of so many.
type Tally = (u32, u32);

/// The frequencies that reports name, with what they were counted from: of each how often it was right on the seeds that made the
/// rules, and on those held out.
fn frequencies() -> BTreeMap<Named, [Tally; 2]> {
    let mut rows: BTreeMap<_, [Tally; 2]> = BTreeMap::new();
    for (f, said) in all() {
        let Some(m) = said.measured else { continue };
        let row = rows.entry((said.cause, m.had, m.of)).or_default();
        let (right, count) = &mut row[usize::from(f.held_out)];
        *right += u32::from(said.right);
        *count += 1;
    }
    rows
}

/// Said against measured: what a report calls a frequency, on failures that it was not counted from.
fn calibration(out: &mut String) {
    out.push_str("\nWhat a report says of its own sureness, and how often that was right on the seeds held out:\n\n");
    out.push_str("| it says | right, held out |\n|---|---|\n");
    let mut rows: Vec<_> = frequencies().into_iter().collect();
    rows.sort_by_key(|(_, [_, held])| std::cmp::Reverse(held.1));
    for ((cause, had, of), [_, (right, count)]) in rows {
        let (right, count) = (right as usize, count as usize);
        writeln!(out, "| {cause}, {had} of {of} | {} |", share(right, count)).unwrap();
    }
}

/// "178 of 213, 84 %".
fn share(right: usize, all: usize) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    format!("{right} of {all}, {} %", (200 * right + all) / (2 * all))
}

/// How many of those that count are right.
fn counted<'a>(
    all: &'a [(Failure, Said)],
    counts: impl Fn(&Failure, &Said) -> Option<bool> + 'a,
) -> impl Fn(bool) -> String + 'a {
    move |held_out| {
        let of = all.iter().filter(|(f, _)| f.held_out == held_out);
        let judged: Vec<bool> = of.filter_map(|(f, said)| counts(f, said)).collect();
        share(judged.iter().filter(|right| **right).count(), judged.len())
    }
}

type Counts = fn(&Failure, &Said) -> Option<bool>;

fn rates(all: &[(Failure, Said)], out: &mut String) {
    let rows: [(&str, Counts); 6] = [
        ("the cause is right", |_, s| Some(s.right)),
        ("… where it says *proven*", |_, s| {
            (s.confidence == "proven").then_some(s.right)
        }),
        ("… where it says *likely*", |_, s| {
            (s.confidence == "likely").then_some(s.right)
        }),
        ("… where it says *possible*", |_, s| {
            (s.confidence == "possible").then_some(s.right)
        }),
        ("the first measured fix makes the program pass", |_, s| {
            s.fix.map(|(_, passes)| passes)
        }),
        ("for comparison: always \"lower the batch size\"", |f, _| {
            f.mended()
                .then(|| f.fixes.get("lower-batch-size") == Some(&true))
        }),
    ];
    out.push_str("| | seeds that made the rules | seeds held out |\n|---|---|---|\n");
    for (name, counts) in rows {
        let cell = counted(all, counts);
        writeln!(out, "| {name} | {} | {} |", cell(false), cell(true)).unwrap();
    }
}

fn confusion(all: &[(Failure, Said)], out: &mut String) {
    out.push_str("\nWhat it was, and what the report says first, all seeds:\n\n| it was | ");
    writeln!(out, "{} |", CAUSES.join(" | ")).unwrap();
    writeln!(out, "|---|{}", "---|".repeat(CAUSES.len())).unwrap();
    for truth in CAUSES {
        write!(out, "| {truth} |").unwrap();
        for cause in CAUSES {
            let n = all
                .iter()
                .filter(|(f, s)| f.label == truth && s.cause == cause)
                .count();
            write!(out, " {n} |").unwrap();
        }
        out.push('\n');
    }
}

fn fixes(all: &[(Failure, Said)], out: &mut String) {
    let mut by_fix: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (_, said) in all {
        if let Some((id, passes)) = said.fix {
            let row = by_fix.entry(id).or_default();
            row.0 += usize::from(passes);
            row.1 += 1;
        }
    }
    let mut rows: Vec<_> = by_fix.into_iter().collect();
    rows.sort_by_key(|(id, (_, all))| (std::cmp::Reverse(*all), *id));
    out.push_str("\nThe fix that stands first, and how often the program then passed:\n\n| fix | passed |\n|---|---|\n");
    for (id, (passed, all)) in rows {
        writeln!(out, "| `{id}` | {} |", share(passed, all)).unwrap();
    }
}

/// The logs of `fixtures/cases` that were printed on a card, against the claims that were written by hand.
fn cases(out: &mut String) {
    let (mut causes, mut firsts) = ((0, 0), (0, 0));
    for (case, diagnosis) in ALONE.iter() {
        let claim = fs::read_to_string(case.folder.join("claim.json")).unwrap();
        let claim: Value = serde_json::from_str(&claim).unwrap();
        let printed = claim["origin"]
            .as_str()
            .is_some_and(|o| o.starts_with("printed on"));
        let wanted = claim["incidents"].as_array().cloned().unwrap_or_default();
        if !printed || wanted.len() != diagnosis.incidents.len() {
            continue;
        }
        for (want, failure) in wanted.iter().zip(&diagnosis.incidents) {
            let holds = |key: &str, said: &str| {
                let want = &want[key];
                let any = want.as_array().map(|all| all.iter().any(|w| w == said));
                (!want.is_null()).then(|| any.unwrap_or(want == said))
            };
            let cause = failure.causes[0].finding.cause.name();
            let first = failure.fixes.first().map_or("", |r| r.fix.id.name());
            for (tally, right) in [
                (&mut causes, holds("cause", cause)),
                (&mut firsts, holds("first_fix", first)),
            ] {
                tally.0 += usize::from(right == Some(true));
                tally.1 += usize::from(right.is_some());
            }
        }
    }
    writeln!(
        out,
        "\nOn the logs of `fixtures/cases` that were printed on a card: cause {}; first fix {}.",
        share(causes.0, causes.1),
        share(firsts.0, firsts.1)
    )
    .unwrap();
}

fn tables() -> String {
    let mut out = String::new();
    rates(all(), &mut out);
    calibration(&mut out);
    confusion(all(), &mut out);
    fixes(all(), &mut out);
    cases(&mut out);
    out
}

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// A rule may find fewer than it was counted from, where another speaks before it, but not far fewer, and its share must be theirs.
#[test]
fn the_frequencies_that_reports_name_are_those_of_the_table() {
    let mut wrong = Vec::new();
    for ((cause, had, of), [(right, count), _]) in frequencies() {
        if (right, count) != (had, of) {
            wrong.push(format!(
                "{cause}: {had} of {of} is said, {right} of {count} was measured"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_says_how_often_it_is_right() {
    let page = fs::read_to_string(readme()).unwrap().replace("\r\n", "\n");
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (kept, after) = rest.split_once(END).unwrap();
    let now = tables();
    if std::env::var_os("WHYOOM_BLESS").is_some_and(|v| v == "1") {
        fs::write(readme(), format!("{before}{BEGIN}{now}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(kept, now, "WHYOOM_BLESS=1 cargo test --test it accuracy");
}

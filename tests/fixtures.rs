//! One test a folder of `fixtures/cases`: the claim holds, the picture is the same, and no disguise of the log changes what is said.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that reads the repository; what it cannot read fails it"
)]

mod cases;
#[path = "cases/claim.rs"]
mod claim;
#[path = "cases/disguise.rs"]
mod disguise;

use std::fmt::Write as _;
use std::fs;

use cases::Case;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use whyoom::input::{self, Part, Source};
use whyoom::{Diagnosis, Reader};

const BLESS: &str = "WHYOOM_BLESS=1 cargo test --test fixtures";

fn main() {
    let arguments = Arguments::from_args();
    // Who names a case wants to know all of it.
    let all = arguments.filter.is_some() || std::env::var_os("WHYOOM_DISGUISES").is_some();
    let trials = Case::all().into_iter().map(|case| {
        let name = case.name.clone();
        Trial::test(name, move || check(&case, all).map_err(Failed::from))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// The claim first, since a picture that contradicts it is worth nothing.
fn check(case: &Case, all: bool) -> Result<(), String> {
    let claim = fs::read(case.folder.join("claim.json")).unwrap();
    let claim: Value = serde_json::from_slice(&claim).map_err(|e| format!("claim.json: {e}"))?;
    let diagnosis = from_disk(case);
    let plain = cases::report(&diagnosis);
    let wrong = claim::shortcomings(&claim, &plain);
    if !wrong.is_empty() {
        return Err(format!(
            "the report does not meet the claim; blessing refuses this, so mend the code (or the claim, if people agree):\n{}",
            wrong.join("\n")
        ));
    }
    picture(case, "report.json", &cases::json(&diagnosis))?;
    let text = cases::text(&diagnosis);
    typed(&plain, &text)?;
    picture(case, "report.txt", &text)?;
    disguises(case, &claim, &plain, all)?;
    chunks(case)
}

/// Whoever reads no more than the terminal still sees what to type for the first fix. `#SBATCH` is to be typed; `# ` begins a remark.
fn typed(report: &Value, text: &str) -> Result<(), String> {
    // A line that is wrapped differs in its blanks alone.
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let text = squeezed(text);
    for incident in report["incidents"].as_array().unwrap() {
        let lines = incident["fixes"][0]["how"].as_str().unwrap_or_default();
        let first = lines.lines().find(|l| !l.trim_start().starts_with("# "));
        let first = squeezed(first.unwrap_or_default());
        if !text.contains(&first) {
            return Err(format!("the text does not say what to type: {first}"));
        }
    }
    Ok(())
}

/// Reads the log as the command does, which also turns UTF-16 into text.
fn from_disk(case: &Case) -> Diagnosis {
    let mut reader = Reader::new("log.txt");
    let source = Source::File(case.folder.join("log.txt"));
    let mut whole = input::Outcome::default();
    input::read(
        &source,
        &input::Control::default(),
        &mut |part| match part {
            Part::Begins(_) => {}
            Part::Text(chunk) => reader.push(chunk),
            Part::Ends(outcome) => whole.bytes = outcome.bytes,
        },
    )
    .unwrap();
    Diagnosis::of(reader.finish(whole), None)
}

/// Compares a report with its picture, or takes a new one.
fn picture(case: &Case, file: &str, now: &str) -> Result<(), String> {
    let path = case.folder.join(file);
    if std::env::var_os("WHYOOM_BLESS").is_some_and(|v| v == "1") {
        fs::write(path, now).unwrap();
        return Ok(());
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let kept = kept.replace("\r\n", "\n");
    if kept == now {
        return Ok(());
    }
    Err(format!(
        "{file} is another picture (-) than the report (+):\n{}\nif the report is right: {BLESS}",
        changed(&kept, now)
    ))
}

/// The lines in which two texts differ, from the first to the last of them.
fn changed(kept: &str, now: &str) -> String {
    let (kept, now): (Vec<_>, Vec<_>) = (kept.lines().collect(), now.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = kept.iter().zip(&now).take_while(same).count();
    let rest = kept.len().min(now.len()) - head;
    let tail = kept
        .iter()
        .rev()
        .zip(now.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    let mut out = String::new();
    for (sign, lines) in [('-', &kept), ('+', &now)] {
        for line in lines.iter().take(lines.len() - tail).skip(head).take(30) {
            let _ = writeln!(out, "{sign} {line}");
        }
    }
    out
}

/// What a report says of each incident, whatever was done to the log.
fn gist(report: &Value, shift: u64) -> Value {
    let incidents = report["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|incident| {
            let moved = |line: &Value| line.as_u64().map(|line| line - shift.min(line));
            let facts = incident["facts"].as_object().unwrap().iter();
            let facts: Vec<Value> = facts
                .map(|(key, f)| json!([key, f["low"], f["high"], f["text"], moved(&f["line"])]))
                .collect();
            let pick = |list: &str, keys: &[&str]| -> Vec<Value> {
                let all = incident[list].as_array().unwrap().iter();
                all.map(|entry| keys.iter().map(|key| entry[*key].clone()).collect())
                    .collect()
            };
            json!({
                "line": moved(&incident["line"]),
                "format": incident["format"],
                "memory": incident["memory"],
                "phase": incident["phase"],
                "frame": incident["frame"],
                "repeats": incident["repeats"],
                "facts": facts,
                "processes": incident["processes"],
                "causes": pick("causes", &["cause", "finding", "confidence"]),
                "fixes": pick("fixes", &["fix", "enough", "gain"]),
            })
        });
    incidents.collect()
}

/// In a run of all cases each is read in a third of the disguises, and each disguise is put on a third of the cases. To read them takes
/// most of the time, and hardly ever is one case wrong in one disguise alone.
const SHARE: usize = 3;

/// Runs the log in its share of the disguises, or in all of them. A claim may name one that makes no sense for its log, with the
/// reason.
fn disguises(case: &Case, claim: &Value, plain: &Value, all: bool) -> Result<(), String> {
    let plain = gist(plain, 0);
    let mut wrong = Vec::new();
    let own: usize = case.name.bytes().map(usize::from).sum();
    let disguises = disguise::all(&case.log).into_iter().enumerate();
    for (_, disguise) in disguises.filter(|(at, _)| all || (at + own).is_multiple_of(SHARE)) {
        let excused = claim["excused"].as_object().into_iter().flatten();
        if excused
            .into_iter()
            .any(|(what, _reason)| disguise.what.contains(what.as_str()))
        {
            continue;
        }
        let mut plain = plain.clone();
        let mut report = gist(&cases::report(&cases::read(&disguise.raw)), disguise.shift);
        if disguise.tells_the_rank() {
            for incident in [&mut plain, &mut report]
                .into_iter()
                .filter_map(Value::as_array_mut)
                .flatten()
            {
                incident["fixes"].take();
                incident["causes"] = incident["causes"][0][0].take();
            }
        }
        if disguise.tells_the_program() {
            for incident in [&mut plain, &mut report]
                .into_iter()
                .filter_map(Value::as_array_mut)
                .flatten()
            {
                for key in ["fixes", "causes", "phase"] {
                    incident[key].take();
                }
            }
        }
        if report != plain {
            let pretty = |value| serde_json::to_string_pretty(value).unwrap();
            wrong.push(format!(
                "{}:\n{}",
                disguise.what,
                changed(&pretty(&plain), &pretty(&report))
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the report changes with how the log was kept (- plain, + disguised):\n{}",
        wrong.join("\n")
    ))
}

/// Cuts the log into chunks at places that look random and are the same every time.
fn chunks(case: &Case) -> Result<(), String> {
    let whole = cases::json(&cases::read(&case.log));
    for seed in [1u64, 7, 4096] {
        let mut reader = Reader::new("log.txt");
        let mut state = seed;
        let mut rest = case.log.as_slice();
        while !rest.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let size = usize::try_from(state >> 33).unwrap() % 97 + 1;
            let (chunk, later) = rest.split_at(size.min(rest.len()));
            reader.push(chunk);
            rest = later;
        }
        let cut = cases::json(&reader.diagnose());
        if cut != whole {
            return Err(format!(
                "the report changes with the chunks (seed {seed}):\n{}",
                changed(&whole, &cut)
            ));
        }
    }
    Ok(())
}

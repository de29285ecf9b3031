//! What the outputs show of the other ranks of a failure, and that a large job stays within what platforms take.

use std::fs;
use std::process::Command;

use serde_json::Value;
use whyoom::Diagnosis;
use whyoom::report::Options;

use super::{folder, usual, whyoom};

#[test]
fn reports_for_people_and_for_ci_say_where_else_it_was_seen() {
    let top = folder(&[("rank_0.log", usual()), ("rank_1.log", usual())]);
    let text = whyoom(top.path(), &["--verbose"]);
    assert!(
        text.contains("ranks 0-1") && text.contains("Seen 2 times, also at ./rank_1.log:4."),
        "{text}"
    );
    assert!(text.contains("1 failure in 2 inputs"), "{text}");
    let page = whyoom(top.path(), &["--format", "markdown"]);
    assert!(
        page.contains("- seen 2 times, also at `./rank_1.log:4`"),
        "{page}"
    );
    let tests = whyoom(top.path(), &["--format", "junit"]);
    assert_eq!(tests.matches("<failure").count(), 2, "{tests}");
    let hidden = whyoom(top.path(), &["--format", "json", "--redact"]);
    assert!(hidden.contains("rank_1.log"), "{hidden}");
}

/// A job of which ranks 0 and 1 failed alike, and rank 2 waited in vain.
fn job() -> tempfile::TempDir {
    let watchdog = "[rank2]:[E1120 12:10:01.250000000 ProcessGroupNCCL.cpp:616] [Rank 2] Watchdog caught collective operation \
        timeout: WorkNCCL(SeqNum=42, OpType=ALLREDUCE) ran for 600000 milliseconds before timing out.\n";
    folder(&[
        ("rank_0.log", usual()),
        ("rank_1.log", usual()),
        ("rank_2.log", watchdog.to_owned()),
    ])
}

#[test]
fn code_scanning_is_shown_the_other_ranks_lines() {
    let sarif: Value = serde_json::from_str(&whyoom(job().path(), &["--format", "sarif"])).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let related = result["relatedLocations"].as_array().unwrap().iter();
    let related: Vec<_> = related
        .map(|place| {
            let physical = &place["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            let line = physical["region"]["startLine"].as_u64().unwrap();
            (place["message"]["text"].as_str().unwrap(), uri, line)
        })
        .collect();
    let expected = [
        ("Read here: ./rank_0.log:4", "rank_0.log", 4),
        ("Followed from it, rank 2: ./rank_2.log:1", "rank_2.log", 1),
        ("The same failure, rank 1: ./rank_1.log:4", "rank_1.log", 4),
    ];
    assert_eq!(related, expected);
    assert_eq!(result["occurrenceCount"], 2);
}

#[test]
fn annotations_findings_and_the_page_of_the_job_name_the_other_ranks() {
    let job = job();
    let others =
        "The same failure: ./rank_1.log:4 (rank 1). Followed from it: ./rank_2.log:1 (rank 2).";
    let findings: Value =
        serde_json::from_str(&whyoom(job.path(), &["--format", "gitlab"])).unwrap();
    let description = findings[0]["description"].as_str().unwrap();
    assert!(description.ends_with(others), "{description}");
    let page = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    let output = command
        .args(["--format", "github", "."])
        .current_dir(job.path())
        .env_clear()
        .env("GITHUB_STEP_SUMMARY", page.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let error = text.lines().find(|l| l.starts_with("::error ")).unwrap();
    assert!(
        error.ends_with(&format!("%0ASeen 2 times%0A{others}")),
        "{error}"
    );
    let page = fs::read_to_string(page.path()).unwrap();
    assert!(
        page.contains("- seen 2 times, also at `./rank_1.log:4`\n")
            && page.contains("`./rank_2.log:1` only follows")
            && !page.contains("in 1 "),
        "{page}"
    );
}

#[test]
fn a_job_of_hundreds_stays_within_the_limits_of_every_platform() {
    let usual = usual();
    let read = |rank: u32| {
        let mut reader = whyoom::Reader::new(&format!("logs/rank_{rank}.log"));
        reader.push(usual.as_bytes());
        reader.whole()
    };
    let mut logs: Vec<_> = (0..1600).step_by(2).map(read).collect();
    whyoom::join(&mut logs);
    let judge = |log| Diagnosis::of(log, None);
    let diagnoses: Vec<_> = logs.into_iter().map(judge).collect();
    let write = |format: &str| {
        let mut out = Vec::new();
        let output = whyoom::report::output(format).unwrap();
        (output.write)(&diagnoses, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let sarif: Value = serde_json::from_str(&write("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["occurrenceCount"], 800);
    let related = result["relatedLocations"].as_array().unwrap().len();
    assert!((50..=99).contains(&related), "{related}");
    let words = result["message"]["text"].as_str().unwrap().len();
    assert!(words < 2000, "{words}");
    let github = write("github");
    let errors: Vec<_> = github
        .lines()
        .filter(|l| l.starts_with("::error "))
        .collect();
    assert!(errors.len() == 1 && errors[0].len() < 4096, "{errors:?}");
    let ends = "logs/rank_6.log:4 (rank 6), ...";
    assert!(errors[0].ends_with(ends), "{}", errors[0]);
    let page = whyoom::report::github::summary(&diagnoses, &Options::default(), usize::MAX);
    assert!(page.len() < 9000, "{}", page.len());
    let findings: Value = serde_json::from_str(&write("gitlab")).unwrap();
    let description = findings[0]["description"].as_str().unwrap();
    assert!(
        description.ends_with(ends) && description.len() < 2000,
        "{description}"
    );
}

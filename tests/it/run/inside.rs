//! The look inside of Python programs: the module by its own tests, and the report that its census leads to.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{text, whyoom};

fn below(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn python_is_there() -> bool {
    Command::new("python3").arg("-c").arg("").status().is_ok()
}

#[test]
fn the_module_finds_every_owner_and_leaves_the_program_alone() {
    if !python_is_there() {
        return;
    }
    let output = Command::new("python3")
        .args(["-m", "unittest", "discover", "-s"])
        .arg(below("tests/inside"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Runs this program with the stand-in for torch, and gives what it printed and how it ended.
fn ran(program: &str, flags: &[&str]) -> (String, String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train.py"), program).unwrap();
    let output = whyoom()
        .current_dir(folder.path())
        .arg("run")
        .args(flags)
        .args(["--", "python3", "train.py"])
        .env("PYTHONPATH", below("tests/inside/stand_in"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing is left beside the program");
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    )
}

/// Runs this program likewise, and gives the folder with what was kept of it, in one that lives as long.
fn kept_of(program: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train.py"), program).unwrap();
    whyoom()
        .current_dir(folder.path())
        .args(["run", "--save", "kept", "--", "python3", "train.py"])
        .env("PYTHONPATH", below("tests/inside/stand_in"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let kept = folder.path().join("kept");
    (folder, kept)
}

fn censuses_in(kept: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(kept.join("censuses"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn incidents_in(paths: &[&Path]) -> Vec<serde_json::Value> {
    let output = whyoom()
        .args(paths)
        .args(["--format", "json"])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    report["incidents"].as_array().unwrap().clone()
}

const LISTS: &str = r#"
import torch

model = torch.nn.Linear(512)
def evaluate():
    predictions = []
    for step in range(100):
        if torch.cuda._allocated.get(0, 0) > 7 << 30:
            torch.cuda._fail(1 << 29)
        predictions.append(torch.empty(256, 1 << 20, dtype="uint8"))

print("begin")
evaluate()
"#;

#[test]
fn a_list_that_grows_is_named_with_its_size() {
    if !python_is_there() {
        return;
    }
    let (out, err, code) = ran(LISTS, &[]);
    let one_line = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((out.as_str(), code), ("begin\n", Some(1)));
    let said = "`predictions` (a list of 28, in evaluate, train.py:9) holds 28 tensors, 7 GiB of the 7 GiB in tensors: \
                256 MiB each, most of them [256, 1048576] uint8.";
    assert!(one_line.contains(said), "{err}");
    assert!(one_line.contains("Leak, proven"), "{err}");
    let (_, err, _) = ran(LISTS, &["--no-inside"]);
    assert!(!err.contains("`predictions`"), "{err}");
}

/// A list that grows, beside a table that is larger and stays as it is.
const BESIDE_A_TABLE: &str = r#"
import torch

table = torch.empty(4096, 1 << 20, dtype="uint8")
model = torch.nn.Linear(512)
def evaluate():
    predictions = []
    for step in range(100):
        if torch.cuda._allocated.get(0, 0) > 7 << 30:
            torch.cuda._fail(1 << 29)
        predictions.append(torch.empty(256, 1 << 20, dtype="uint8"))
evaluate()
"#;

#[test]
fn a_fix_frees_what_the_list_holds_and_not_the_largest_name() {
    if !python_is_there() {
        return;
    }
    let (_folder, kept) = kept_of(BESIDE_A_TABLE);
    let incidents = incidents_in(&[&kept]);
    let because = incidents[0]["causes"][0]["because"].as_str().unwrap();
    assert!(because.contains("`predictions` (a list of 12"), "{because}");
    let fixes = incidents[0]["fixes"].as_array().unwrap();
    let fix = fixes.iter().find(|fix| fix["fix"] == "move-outputs-to-cpu");
    assert_eq!(fix.unwrap()["gain"]["high"], 3_u64 << 30, "{fixes:#?}");
}

const RECOVERS: &str = r#"
import sys, torch
for rows in (8, 4):
    try:
        torch.cuda._fail(rows << 28)
    except torch.OutOfMemoryError as error:
        print("does not fit:", rows)
print(sys.excepthook is sys.__excepthook__, [p for p in sys.path if "whyoom" in p])
"#;

#[test]
fn a_program_that_recovers_does_not_notice() {
    if !python_is_there() {
        return;
    }
    let (out, err, code) = ran(RECOVERS, &[]);
    assert_eq!(
        (out.as_str(), err.as_str(), code),
        ("does not fit: 8\ndoes not fit: 4\nTrue []\n", "", Some(0))
    );
}

#[test]
fn a_census_is_read_by_itself_and_beside_its_log() {
    if !python_is_there() {
        return;
    }
    let (_folder, kept) = kept_of(LISTS);
    let censuses = censuses_in(&kept);
    let (census, log) = (censuses[0].as_path(), kept.join("output.log"));
    for paths in [&[census][..], &[&log, census][..], &[census, &log][..]] {
        let incidents = incidents_in(paths);
        assert_eq!(incidents.len(), 1, "{paths:?}");
        let because = incidents[0]["causes"][0]["because"].as_str().unwrap();
        assert!(because.contains("`predictions` (a list of 28"), "{because}");
        let told = &incidents[0]["census"];
        let owners = told["owners"].as_array().unwrap();
        let list = owners.iter().find(|owner| owner["name"] == "predictions");
        let list = list.unwrap_or_else(|| panic!("{told}"));
        assert_eq!(list["kind"], "container");
        assert!(
            list["bytes"].as_u64().unwrap() > 0 && list["tensors"] == 28,
            "{list}"
        );
    }
}

/// The retry asks for less than what failed first, and its failure is raised while the first is handled.
const RETRIES: &str = r#"
import torch
def step(rows):
    held = torch.empty(rows, 1 << 30, dtype="uint8")
    torch.cuda._fail(rows << 30)
try:
    step(4)
except torch.OutOfMemoryError:
    step(2)
"#;

#[test]
fn of_a_retry_inside_except_the_last_census_counts() {
    if !python_is_there() {
        return;
    }
    let (_, err, _) = ran(RETRIES, &[]);
    assert!(
        err.contains("Leak, proven: a retry inside `except`"),
        "{err}"
    );
    assert_eq!(err.matches("ran out of memory").count(), 1, "{err}");
}

/// A library asks for room, does with none of it, and what fails comes after.
const TRIES: &str = r#"
import torch
kept = torch.empty(256, 1 << 20, dtype="uint8")
def convolve():
    try:
        torch.cuda._fail(1 << 30, tries=[3 << 30, 2 << 30])
    except torch.OutOfMemoryError:
        pass
    return torch.empty(1, 1 << 20, dtype="uint8")
held = convolve()
torch.cuda._fail(1 << 29)
"#;

#[test]
fn what_a_library_tried_before_the_failure_is_no_failure_of_its_own() {
    if !python_is_there() {
        return;
    }
    let (_folder, kept) = kept_of(TRIES);
    let censuses = censuses_in(&kept).len();
    assert_eq!(censuses, 2, "one of the tries, one of the failure");
    let incidents = incidents_in(&[&kept]);
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    let tried = incidents[0]["facts"]["tried"]["text"].as_str();
    assert_eq!(tried, Some("0.50 GiB"));
}

#[test]
fn the_package_for_notebooks_can_be_imported() {
    if !python_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(
        whyoom()
            .arg("inside")
            .arg(folder.path())
            .output()
            .unwrap()
            .status
            .success()
    );
    let output = Command::new("python3")
        .args(["-c", "import whyoom; print(whyoom.install())"])
        .env(
            "PYTHONPATH",
            std::env::join_paths([folder.path(), &below("tests/inside/stand_in")]).unwrap(),
        )
        .output()
        .unwrap();
    assert_eq!(text(&output.stdout), "True\n", "{}", text(&output.stderr));
}

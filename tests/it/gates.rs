//! What makes a run fail, as a process: which failures count, which were known before, how much room must be left, and what
//! changed since a run that passed.

use std::fs;
use std::path::Path;

use crate::process::{Run, command, finish};
use tempfile::TempDir;

const DEVICE: &str = "Traceback (most recent call last):\n  File \"train.py\", line 8, in main\n    y = model(x)\n\
    torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of 139.80 GiB of \
    which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the allocated \
    memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.\n";
const HOST: &str = "slurmstepd: error: Detected 1 oom_kill event in StepId=4242.0. Some of the step tasks have been OOM Killed.\n";
const CLOSE: &str = "CUDA:0 (NVIDIA RTX 4090, 24217MiB)\nstep 1 memory allocated: 21.00 GiB\n\
    step 2 memory allocated: 23.00 GiB\nstep 3 memory allocated: 22.00 GiB\n";

fn run(folder: &TempDir, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.current_dir(folder.path());
    finish(command, b"")
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        put(folder.path(), name, content);
    }
    folder
}

fn put(folder: &Path, name: &str, content: &str) {
    fs::write(folder.join(name), content).unwrap();
}

#[test]
fn only_failures_of_the_kinds_asked_for_count() {
    let folder = folder(&[("device.log", DEVICE), ("host.log", HOST)]);
    for (log, what, code) in [
        ("device.log", "any", 1),
        ("device.log", "device", 1),
        ("device.log", "fragmentation", 1),
        ("device.log", "leak,exhaustion", 0),
        ("device.log", "leak,fragmentation", 1),
        ("host.log", "any", 1),
        ("host.log", "host-memory", 1),
        ("host.log", "device", 0),
    ] {
        let run = run(&folder, &["-q", "--fail-on", what, log]);
        assert_eq!(run.code, Some(code), "{log} --fail-on {what}: {}", run.err);
    }
    let both = ["-q", "--fail-on", "leak", "--fail-on", "fragmentation"];
    assert_eq!(
        run(&folder, &[&both[..], &["device.log"]].concat()).code,
        Some(1)
    );
    assert_eq!(
        run(&folder, &["--fail-on", "leaks", "device.log"]).code,
        Some(2)
    );
}

#[test]
fn what_is_not_read_fails_whatever_counts() {
    let folder = folder(&[]);
    let run = run(&folder, &["-q", "--fail-on", "leak", "missing.log"]);
    assert_eq!(run.code, Some(3));
}

#[test]
fn a_failure_of_the_baseline_is_reported_as_known_and_does_not_count() {
    let folder = folder(&[("old.log", DEVICE)]);
    let earlier = run(&folder, &["-f", "json", "old.log"]);
    assert_eq!(earlier.code, Some(1));
    put(folder.path(), "baseline.json", &earlier.out);
    let fingerprint = earlier.json()["incidents"][0]["fingerprint"].clone();
    let list = format!("# known since May\n{}\n", fingerprint.as_str().unwrap());
    put(folder.path(), "baseline.txt", &list);
    put(
        folder.path(),
        "baseline-list.json",
        &format!("[{fingerprint}]"),
    );
    // The same place of the program with other figures, later in the log.
    let again = format!("epoch 1\nepoch 2\n{}", DEVICE.replace("33.55", "33.61"));
    put(folder.path(), "new.log", &again);
    for baseline in ["baseline.json", "baseline.txt", "baseline-list.json"] {
        let run = run(&folder, &["-f", "json", "--baseline", baseline, "new.log"]);
        assert_eq!(run.code, Some(0), "{baseline}: {}", run.err);
        assert_eq!(run.json()["incidents"][0]["known"], true);
    }
    let other = again.replace("model(x)", "head(x)");
    put(folder.path(), "other.log", &other);
    let new = run(
        &folder,
        &["--baseline", "baseline.json", "new.log", "other.log"],
    );
    assert_eq!(new.code, Some(1));
    assert_eq!(new.out.matches("Known: the baseline").count(), 1);
}

#[test]
fn a_baseline_that_is_none_is_wrong_use() {
    let folder = folder(&[("bad.log", DEVICE), ("baseline", "not a fingerprint\n")]);
    for baseline in ["baseline", "missing"] {
        let run = run(&folder, &["--baseline", baseline, "bad.log"]);
        assert_eq!(run.code, Some(2));
        assert!(run.err.contains(baseline), "{}", run.err);
    }
}

#[test]
fn a_run_that_passed_close_to_the_card_is_warned_of_and_still_passes() {
    let folder = folder(&[("close.log", CLOSE)]);
    let near = run(&folder, &["--margin", "5%", "close.log"]);
    assert_eq!(near.code, Some(0));
    assert!(
        near.out.contains("Close to full: allocated reached 23 GiB"),
        "{}",
        near.out
    );
    assert!(
        !run(&folder, &["--margin", "2%", "close.log"])
            .out
            .contains("Close")
    );
    assert!(!run(&folder, &["close.log"]).out.contains("Close"));
    let given = [
        "--margin",
        "5",
        "--total",
        "48GiB",
        "-f",
        "json",
        "close.log",
    ];
    assert!(run(&folder, &given).json().get("near").is_none());
    let report = run(&folder, &["--margin", "5", "-f", "json", "close.log"]).json();
    assert_eq!(report["near"][0]["line"], 3);
    assert_eq!(report["near"][0]["total_line"], 1);
    assert_eq!(report["near"][0]["left_percent"], 2.74);
}

#[test]
fn the_table_of_nvidia_smi_tells_the_size_of_the_card() {
    const TABLE: &str = "timestamp, index, memory.used [MiB], memory.total [MiB]\n\
        2025/01/01 00:00:01.000, 0, 11350 MiB, 15360 MiB\n\
        2025/01/01 00:00:02.000, 0, 13200 MiB, 15360 MiB\n\
        2025/01/01 00:00:03.000, 0, 15200 MiB, 15360 MiB\n";
    let folder = folder(&[("smi.csv", TABLE)]);
    let arguments = ["--margin", "10", "--fail-on", "margin", "smi.csv"];
    let near = run(&folder, &arguments);
    assert_eq!(near.code, Some(1), "{}", near.err);
    assert!(near.out.contains("14.8 GiB of 15 GiB"), "{}", near.out);
}

#[test]
fn a_margin_without_the_size_of_the_card_asks_for_it() {
    let readings = CLOSE.split_once('\n').unwrap().1;
    let folder = folder(&[("close.log", readings)]);
    let run = run(&folder, &["--margin", "5%", "close.log"]);
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("--total"), "{}", run.err);
}

#[test]
fn a_margin_that_counts_does_not_pass_where_nobody_can_tell_it() {
    let readings = CLOSE.split_once('\n').unwrap().1;
    let folder = folder(&[("close.log", readings), ("build.log", "all is well\n")]);
    let code = |more: &[&str]| {
        let gate = ["-q", "--margin", "5%", "--fail-on", "any,margin"];
        run(&folder, &[&gate[..], more].concat()).code
    };
    assert_eq!(code(&["close.log"]), Some(3));
    assert_eq!(code(&["--exit-zero", "close.log"]), Some(3));
    assert_eq!(code(&["--total", "80GiB", "close.log"]), Some(0));
    // Without readings there is no margin.
    assert_eq!(code(&["build.log"]), Some(0));
}

#[test]
fn what_changed_since_a_run_that_passed_is_told_with_its_lines() {
    let good = "batch_size=8 max_seq_length=1024\nstep 1 memory allocated: 11.00 GiB\nstep 2 memory allocated: 12.00 GiB\n";
    let now = format!(
        "{}{DEVICE}",
        good.replace("=8", "=16").replace("12.00", "60.00")
    );
    let folder = folder(&[("good.log", good), ("bad.log", &now)]);
    let text = run(&folder, &["--since", "good.log", "bad.log"]);
    assert_eq!(text.code, Some(1));
    assert!(
        text.out
            .contains("Since good.log\n  batch size: 8 (line 1), now 16 (line 1)\n"),
        "{}",
        text.out
    );
    let report = run(&folder, &["-f", "json", "--since", "good.log", "bad.log"]).json();
    assert_eq!(report["since"]["good"], "good.log");
    let changes = report["since"]["changes"].as_array().unwrap();
    let what: Vec<_> = changes
        .iter()
        .map(|c| c["what"].as_str().unwrap())
        .collect();
    assert_eq!(what, ["batch size", "highest reading of allocated"]);
    let missing = run(&folder, &["--since", "missing.log", "bad.log"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn a_margin_that_was_not_kept_fails_the_job_where_it_is_named() {
    let folder = folder(&[("close.log", CLOSE)]);
    for (what, percent, code) in [
        ("margin", "5%", 1),
        ("any,margin", "5%", 1),
        ("any", "5%", 0),
        ("margin", "2%", 0),
    ] {
        let arguments = ["-q", "--margin", percent, "--fail-on", what, "close.log"];
        assert_eq!(run(&folder, &arguments).code, Some(code), "{what}");
    }
    let forgiven = [
        "-q",
        "--margin",
        "5",
        "--fail-on",
        "margin",
        "--exit-zero",
        "close.log",
    ];
    assert_eq!(run(&folder, &forgiven).code, Some(0));
}

/// What each format says of a margin that fails the job, and of one that only warns.
const MARGIN_SAID: &[(&str, &str, &str)] = &[
    (
        "terminal",
        "Close to full: allocated",
        "Close to full: allocated",
    ),
    ("json", "\"near\": [", "\"near\": ["),
    (
        "markdown",
        "**Close to full:** allocated",
        "**Close to full:** allocated",
    ),
    (
        "buildkite",
        "**Close to full:** allocated",
        "**Close to full:** allocated",
    ),
    (
        "html",
        "<strong>Close to full:</strong>",
        "<strong>Close to full:</strong>",
    ),
    (
        "github",
        "::error file=close.log,line=3,",
        "::warning file=close.log,line=3,",
    ),
    (
        "gitlab",
        "\"severity\": \"critical\"",
        "\"severity\": \"minor\"",
    ),
    ("junit", "type=\"margin\"", "failures=\"0\""),
    ("sarif", "\"level\": \"error\"", "\"level\": \"warning\""),
];

#[test]
fn every_report_says_whether_a_margin_fails_the_job() {
    let folder = folder(&[("close.log", CLOSE)]);
    for (format, counts, warns) in MARGIN_SAID {
        let near = |what| {
            run(
                &folder,
                &[
                    "-f",
                    format,
                    "--margin",
                    "5",
                    "--fail-on",
                    what,
                    "close.log",
                ],
            )
        };
        let (failing, warning) = (near("margin"), near("any"));
        assert_eq!((failing.code, warning.code), (Some(1), Some(0)), "{format}");
        assert!(failing.out.contains(counts), "{format}: {}", failing.out);
        assert!(warning.out.contains(warns), "{format}: {}", warning.out);
    }
}

#[test]
fn to_fail_on_a_margin_that_nobody_set_is_wrong_use() {
    let folder = folder(&[("close.log", CLOSE)]);
    let run = run(&folder, &["--fail-on", "margin", "close.log"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--margin PERCENT"), "{}", run.err);
}

//! What a CI system shows of a failure, over all formats: the test, what counts as an error, commands that can be copied, and
//! fingerprints by which a failure is known again and no other is.

use serde_json::Value;
use whyoom::report::{self, Options};
use whyoom::{Diagnosis, diagnose};

use crate::known::ALONE;
use crate::process::{command, finish};

const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 has a total capacity of 31.74 GiB \
    of which 1.20 GiB is free.";

fn write(format: &str, diagnoses: &[Diagnosis]) -> String {
    let mut out = Vec::new();
    (report::output(format).unwrap().write)(diagnoses, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The report of a failing test as pytest prints it.
fn pytest(test: &str, line: u32) -> String {
    format!(
        "_____________________________ {test} _____________________________\ntests/test_pool.py:{line}: in {test}\n    y = f(x)\n\
         lib/ops.py:7: in f\n    return x @ x.T\nE   {MESSAGE}\n"
    )
}

/// A failing job of pytest with these tests.
fn job(tests: &[&str]) -> String {
    let mut log =
        "=================================== FAILURES ===================================\n"
            .to_owned();
    for (line, test) in (12..).zip(tests) {
        log += &pytest(test, line);
    }
    log += "=========================== short test summary info ============================\n";
    let cut = &MESSAGE[..90];
    let failed = tests
        .iter()
        .map(|test| format!("FAILED tests/test_pool.py::{test} - {cut}...\n"));
    log.extend(failed);
    log
}

/// What a format shows first of a failure: its title.
fn title(format: &str, text: &str) -> String {
    let first = |start: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_default().to_owned()
    };
    let field = |pointer: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        value.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    };
    match format {
        "terminal" => text.lines().take(4).collect(),
        "json" => field("/incidents/0/title"),
        "ndjson" => field("/title"),
        "markdown" | "buildkite" => first("## "),
        "html" => text
            .split("</h2>")
            .next()
            .unwrap()
            .split("<h2")
            .nth(1)
            .unwrap_or_default()
            .to_owned(),
        "sarif" => field("/runs/0/results/0/message/text")
            .split(". ")
            .next()
            .unwrap()
            .to_owned(),
        "github" => first("::error ")
            .split("::")
            .nth(1)
            .unwrap()
            .replace("%3A", ":"),
        "gitlab" => field("/0/description")
            .split(". ")
            .next()
            .unwrap()
            .to_owned(),
        "junit" => first("<testcase "),
        other => panic!("a new format: {other}"),
    }
}

/// The formats that tell of failures.
fn telling() -> impl Iterator<Item = &'static str> {
    let all = report::ALL.iter().map(|output| output.name);
    all.filter(|name| !["folded", "patch"].contains(name))
}

#[test]
fn the_test_stands_in_the_title_of_every_format() {
    let run = [diagnose("ci.log", job(&["test_grows"]).as_bytes())];
    for format in telling() {
        let text = write(format, &run);
        let title = title(format, &text);
        assert!(
            title.contains("tests/test_pool.py::test_grows"),
            "{format}: {title}"
        );
    }
}

#[test]
fn junit_names_the_tests_that_failed_and_the_log_where_none_did() {
    let log = job(&["test_grows", "test_keeps"])
        + &"fine\n".repeat(500)
        + &MESSAGE.replace("2.40", "3.10")
        + "\n";
    let run = [
        diagnose("ci.log", log.as_bytes()),
        diagnose("only.log", job(&["test_grows"]).as_bytes()),
        diagnose("fine.log", b"step 4\n"),
        diagnose(
            "go.log",
            format!("=== RUN   TestPool\n{MESSAGE}\n--- FAIL: TestPool (0.01s)\n").as_bytes(),
        ),
    ];
    let xml = write("junit", &run);
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let cases = report.test_suites[0].test_cases.iter();
    let cases: Vec<(&str, &str)> = cases
        .map(|case| {
            (
                case.classname.as_ref().unwrap().as_str(),
                case.name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        cases,
        [
            ("tests/test_pool.py", "tests/test_pool.py::test_grows"),
            ("tests/test_pool.py", "tests/test_pool.py::test_keeps"),
            ("whyoom", "ci.log"),
            ("tests/test_pool.py", "tests/test_pool.py::test_grows (2)"),
            ("whyoom", "fine.log"),
            ("go.log", "TestPool"),
        ]
    );
}

/// The fingerprints of a log's failures.
fn fingerprints(log: &str) -> Vec<String> {
    let found = diagnose("ci.log", log.as_bytes()).incidents;
    assert!(!found.is_empty(), "{log}");
    found.iter().map(report::fingerprint).collect()
}

/// Failures without a place, test, command or service; each differs from the one beside it by no more than is said.
const PLACELESS: &[(&str, &str, &str)] = &[
    ("the words before it", "bench resnet: ", "bench llama: "),
    (
        "a model",
        "RuntimeError loading model encoder: ",
        "RuntimeError loading model decoder: ",
    ),
    (
        "a heading",
        "=== resnet50 ===\nbatch 4\n",
        "=== bert ===\nbatch 4\n",
    ),
    (
        "a heading of GitHub",
        "##[group]Warm up\n",
        "##[group]Measure\n",
    ),
    (
        "a heading of people",
        "--- resnet50 ---\n",
        "--- bert ---\n",
    ),
    ("a heading in Markdown", "## resnet50\n", "## bert\n"),
    (
        "what runs",
        "Running resnet50 ...\nok\n",
        "Running bert ...\nok\n",
    ),
    (
        "what is measured",
        "Benchmarking: resnet50\n",
        "Benchmarking: bert\n",
    ),
    (
        "what is loaded",
        "Loading model resnet50\n",
        "Loading model bert\n",
    ),
    ("a step of a build", "[2/9] resnet50\n", "[2/9] bert\n"),
    ("a stage", "stage: train\n", "stage: export\n"),
];

#[test]
fn a_baseline_hides_no_other_failure_that_has_no_place() {
    for (what, one, other) in PLACELESS {
        for message in [MESSAGE, "RuntimeError: CUDA error: out of memory"] {
            let fingerprint = |before: &str| fingerprints(&format!("{before}{message}\n"));
            assert_ne!(fingerprint(one), fingerprint(other), "{what}: {message}");
        }
    }
    // Both in one log are two.
    let both = format!(
        "=== resnet50 ===\n{MESSAGE}\n=== bert ===\n{}\n",
        MESSAGE.replace("1.20", "1.10")
    );
    let both = fingerprints(&both);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
}

#[test]
fn the_same_failure_without_a_place_is_known_again_in_the_next_run() {
    for (what, one, _) in PLACELESS {
        let first = fingerprints(&format!("{one}{MESSAGE}\n"));
        let free = MESSAGE.replace("1.20", "1.17");
        for later in [
            format!("pip 25.1\nworker 4411 is up\n{one}{free}\n"),
            format!("{}{free}\n", one.replace("[2/9]", "[3/10]")),
            format!("{one}pid 887 took 3.1 s\n{free}\n"),
            format!(
                "2026-03-04 05:06:07,123 {}{free}\n",
                one.replace('\n', "\n2026-03-04 05:06:07,123 ")
            ),
        ] {
            if one.ends_with('\n') || !later.contains("pid 887") {
                assert_eq!(first, fingerprints(&later), "{what}: {later}");
            }
        }
    }
}

#[test]
fn a_baseline_of_one_run_hides_the_same_failure_of_the_next_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, log: String| std::fs::write(folder.path().join(name), log).unwrap();
    put("a.log", format!("=== resnet50 ===\n{MESSAGE}\n"));
    put(
        "same.log",
        format!(
            "pip 25.1\n=== resnet50 ===\nok 1\n{}\n",
            MESSAGE.replace("1.20", "1.02")
        ),
    );
    put("other.log", format!("=== bert ===\n{MESSAGE}\n"));
    let run = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.current_dir(folder.path());
        finish(command, b"").code
    };
    assert_eq!(run(&["-f", "json=base.json", "a.log"]), Some(1));
    for (log, code) in [("a.log", 0), ("same.log", 0), ("other.log", 1)] {
        assert_eq!(
            run(&["-q", "--baseline", "base.json", log]),
            Some(code),
            "{log}"
        );
    }
}

/// Programs that the reports tell people to type.
const COMMANDS: [&str; 16] = [
    "nvidia-smi",
    "npu-smi",
    "rocm-smi",
    "xpu-smi",
    "hl-smi",
    "efsmi",
    "free -",
    "ulimit",
    "df -",
    "dmesg",
    "ps -",
    "kubectl",
    "docker ",
    "echo ",
    "vulkaninfo",
    "python -c",
];

#[test]
fn commands_in_markdown_can_be_copied_in_one_piece() {
    let mut seen = 0;
    for (case, diagnosis) in ALONE.iter() {
        for format in ["markdown", "buildkite"] {
            let page = write(format, std::slice::from_ref(diagnosis));
            for line in page.lines().filter(|line| line.starts_with("To be sure: ")) {
                assert!(!line.contains("` `"), "{}: {line}", case.name);
                let (code, plain): (Vec<_>, Vec<_>) =
                    (0..).zip(line.split('`')).partition(|(at, _)| at % 2 == 1);
                for command in COMMANDS {
                    assert!(
                        !plain.iter().any(|(_, text)| text.contains(command)),
                        "{}: {line}",
                        case.name
                    );
                    seen += usize::from(code.iter().any(|(_, text)| text.starts_with(command)));
                }
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Whether a format tells of a failure as an error; `None` where it tells of none.
fn is_error(format: &str, text: &str) -> bool {
    let field = |pointer: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        value.pointer(pointer).unwrap().clone()
    };
    match format {
        "terminal" => !text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains("it does not count"),
        "markdown" | "buildkite" | "html" => !text.contains("it does not count"),
        "json" => field("/incidents/0/counts") == true,
        "ndjson" => field("/counts") == true,
        "sarif" => {
            let level = field("/runs/0/results/0/level");
            let rule = "/runs/0/tool/driver/rules/0/defaultConfiguration/level";
            assert_eq!(level, field(rule));
            level == "error"
        }
        "gitlab" => field("/0/severity") == "critical",
        "github" => {
            let error = text.lines().any(|line| line.starts_with("::error "));
            let notice = text.lines().any(|line| line.starts_with("::notice file="));
            assert_ne!(error, notice, "{text}");
            error
        }
        "junit" => {
            let report = quick_junit::Report::deserialize_from_str(text).unwrap();
            let suite = &report.test_suites[0];
            assert_eq!(
                (suite.tests, suite.failures + suite.skipped),
                (1, 1),
                "{text}"
            );
            suite.failures == 1
        }
        other => panic!("a new format: {other}"),
    }
}

#[test]
fn what_fails_the_run_is_an_error_in_every_format_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, log: &str| std::fs::write(folder.path().join(name), log).unwrap();
    let stack = format!(
        "Traceback (most recent call last):\n  File \"bench.py\", line 70, in ref\n    m = m.to(x)\n{MESSAGE}\n"
    );
    put("gpu.log", &stack);
    put(
        "caught.log",
        &format!("WARNING:bench:reference run failed, using fallback\n{stack}result: pass\n"),
    );
    put(
        "signal.log",
        "##[error]Process completed with exit code 137.\n",
    );
    put(
        "host.log",
        "slurmstepd: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.\n",
    );
    for (logs, fail_on, counts) in [
        (&["gpu.log"][..], "any", true),
        (&["gpu.log"], "device", true),
        (&["gpu.log"], "host-memory", false),
        (&["caught.log"], "any", false),
        (&["caught.log"], "any,caught", true),
        (&["signal.log"], "any", false),
        (&["signal.log"], "any,killed", true),
        (&["host.log"], "any", true),
        (&["host.log"], "device", false),
    ] {
        for format in telling() {
            let mut command = command(&[logs, &["-f", format, "--fail-on", fail_on]].concat());
            command.current_dir(folder.path());
            let run = finish(command, b"");
            let what = format!("{format} of {logs:?} --fail-on {fail_on}");
            assert_eq!(run.code, Some(i32::from(counts)), "{what}");
            assert_eq!(is_error(format, &run.out), counts, "{what}\n{}", run.out);
        }
    }
    // The same failure, caught in one log and fatal in the other: those that show it once show an error.
    for format in ["github", "gitlab", "sarif"] {
        let mut command = command(&["caught.log", "gpu.log", "-f", format]);
        command.current_dir(folder.path());
        let run = finish(command, b"");
        assert_eq!(run.code, Some(1));
        assert!(is_error(format, &run.out), "{format}\n{}", run.out);
    }
}

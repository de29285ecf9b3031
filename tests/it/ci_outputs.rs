//! What a CI system shows of a failure, over all formats: the test, what counts as an error, commands that can be copied, and
//! fingerprints by which a failure is known again and no other is.

use serde_json::Value;
use whyoom::report::{self, Options};
use whyoom::{Diagnosis, diagnose};

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
    for test in tests {
        log += &format!(
            "FAILED tests/test_pool.py::{test} - {}...\n",
            &MESSAGE[..90]
        );
    }
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

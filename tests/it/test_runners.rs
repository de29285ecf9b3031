//! The logs of test runners: each names the test, and what a runner repeats is no second failure.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::evidence::Part;

const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 has a total capacity of 31.74 GiB \
    of which 1.20 GiB is free.";

fn found(log: &str) -> Vec<Explained> {
    diagnose("ci.log", log.as_bytes()).incidents
}

/// `tests::grows at lib/ops.py:7`, with "caught" where it does not count and the rank where one is told.
fn told(log: &str) -> Vec<String> {
    let words = |one: &Explained| {
        let incident = &one.incident;
        let test = incident.who.get(Part::Test).unwrap_or("no test");
        let frame = incident.frame.as_ref();
        let place = frame.map(|frame| format!(" at {}:{}", frame.file, frame.line));
        let rank = incident.rank.map(|rank| format!(" on rank {rank}"));
        let again = (incident.repeats > 1).then(|| format!(" {} times", incident.repeats));
        let caught = if incident.caught { " caught" } else { "" };
        let more = [place, rank, again]
            .into_iter()
            .flatten()
            .collect::<String>();
        format!("{test}{more}{caught}")
    };
    found(log).iter().map(words).collect()
}

const STACK: &str =
    "Traceback (most recent call last):\n  File \"/ci/fit.py\", line 70, in fit\n    y = f(x)\n";

/// The text with something before each line.
fn behind(prefix: &str, text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("{prefix}{line}\n"))
        .collect();
    lines.concat()
}

fn commented(text: &str) -> String {
    behind("# ", text)
}

fn indented(text: &str) -> String {
    behind("  ", text)
}

#[test]
fn a_cut_summary_alone_is_a_failure_of_each_test() {
    let summary = "=========================== short test summary info ============================\n\
        FAILED tests/test_a.py::test_x - torch.OutOfMemoryErr...\n\
        ERROR tests/test_b.py::test_y[fp16] - torch.OutOfMemoryError: CUDA out of mem...\n\
        FAILED tests/test_c.py::test_z - RuntimeError: CUDA error: device-side ass...\n\
        XFAIL tests/test_d.py::test_q - torch.OutOfMemoryErr...\n";
    assert_eq!(
        told(summary),
        ["tests/test_a.py::test_x", "tests/test_b.py::test_y[fp16]"]
    );
    let report = format!(
        "=================================== FAILURES ===================================\n\
        ____________________________________ test_x ____________________________________\n\
        tests/test_a.py:12: in test_x\n    y = f(x)\nE   {MESSAGE}\n"
    );
    let first = summary.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(
        told(&format!("{report}{first}\n")),
        ["tests/test_a.py::test_x at tests/test_a.py:12"]
    );
}

#[test]
fn a_time_before_the_id_of_a_summary_is_no_part_of_it() {
    let line = format!("FAILED [0.0003s] test/test_a.py::TestA::test_x - {MESSAGE}\n");
    assert_eq!(told(&line), ["test/test_a.py::TestA::test_x"]);
}

#[test]
fn the_line_style_of_pytest_takes_its_tests_from_the_summary_in_order() {
    let other = MESSAGE.replace("2.40", "4.80");
    let short = "torch.OutOfMemoryError: CUDA out of me...";
    let body = |ids: &str| {
        format!(
            "=================================== FAILURES ===================================\n\
            E   {MESSAGE}\n/ci/lib/ops.py:7: {MESSAGE}\nE   {other}\n/ci/lib/ops.py:7: {other}\n\
            /ci/tests/test_a.py:9: AssertionError: 1 != 2\n\
            =========================== short test summary info ============================\n{ids}"
        )
    };
    let ids = format!(
        "FAILED tests/test_a.py::test_x - {short}\nFAILED tests/test_a.py::test_p[fp32] - {short}\nFAILED tests/test_a.py::test_z - \
         AssertionError: 1 != 2\n"
    );
    assert_eq!(
        told(&body(&ids)),
        [
            "tests/test_a.py::test_x at /ci/lib/ops.py:7",
            "tests/test_a.py::test_p[fp32] at /ci/lib/ops.py:7"
        ]
    );
    // A line is missing: the order tells nothing.
    let fewer = ids.split_once('\n').unwrap().1;
    assert!(
        !told(&body(fewer))
            .iter()
            .any(|words| words.contains("test_x"))
    );
}

/// Runners of TAP and its kin, with the failed test that each names.
fn marked(failed: &str) -> Vec<(String, &'static str)> {
    vec![
        (
            format!(
                "1..3\nok 1 loads\nnot ok 2 trains a model\n# (in test file t.bats, line 6)\n{}ok 3 saves\n",
                commented(failed)
            ),
            "trains a model at /ci/fit.py:70",
        ),
        (
            format!(
                "TAP version 14\nok 1 - loads\nnot ok 2 - fits # time=3.2ms\n  ---\n  message: '{MESSAGE}'\n  ...\nok 3 - saves\n"
            ),
            "fits",
        ),
        (
            format!("ok 1 - loads\n{failed}not ok 2 - fits\nok 3 - saves\n"),
            "fits at /ci/fit.py:70",
        ),
        (
            format!("ok 1 - loads\n{failed}ok 2 - refuses\n"),
            "refuses at /ci/fit.py:70 caught",
        ),
        (
            format!("ok 1 - loads\n{failed}not ok 2 - fits # TODO later\n"),
            "fits at /ci/fit.py:70 caught",
        ),
        (
            format!(
                "#   Failed test 'fits the model'\n#   at t/gpu.t line 4.\n{}t/gpu.t ..\nDubious, test returned 1\n",
                commented(failed)
            ),
            "fits the model at /ci/fit.py:70",
        ),
        (
            format!(
                " \u{2713} loads\n \u{2717} trains a model\n{} \u{2713} saves\n",
                indented(failed)
            ),
            "trains a model at /ci/fit.py:70",
        ),
        (
            format!(
                "\u{2714} loads (1.2ms)\n\u{2716} fits the model (0.2ms)\n  Error: {MESSAGE}\n"
            ),
            "fits the model",
        ),
    ]
}

/// Runners that print a test's name above what it wrote, or below.
fn headed(failed: &str) -> Vec<(String, &'static str)> {
    vec![
        (
            format!(
                "1/2 ours:loads          OK              0.01s\n2/2 ours:trains a model FAIL            0.01s   exit status 1\n>>> fit.sh\n\
                 \u{2015}\u{2015}\u{2015}\nstderr:\n{failed}"
            ),
            "ours:trains a model at /ci/fit.py:70",
        ),
        (
            format!("===== 2/2 =====\ntest:         ours:trains\nstart time:   10:11:12\nresult:       exit status 1\n----- stderr -----\n{failed}"),
            "ours:trains at /ci/fit.py:70",
        ),
        (
            format!("        FAIL [   0.005s] (4/5) ours pool::grows\n  stderr ---\n    trying\n    Error: \"{}\"\n", &MESSAGE[24..]),
            "ours pool::grows",
        ),
        (format!("test pool::grows ... {failed}FAILED\n"), "pool::grows at /ci/fit.py:70"),
        (
            "test pool::refuses - should panic ... \nthread 'pool::refuses' panicked at src/pool.rs:17:21:\nCUDA error: out of memory\nok\n"
                .to_owned(),
            "pool::refuses at src/pool.rs:17 caught",
        ),
        (
            "--- FAIL: TestGrows (0.00s)\n    pool_test.go:15: grow: CUDA error: out of memory\n--- FAIL: TestLater (0.00s)\n".to_owned(),
            "TestGrows at pool_test.go:15",
        ),
        (
            "=== RUN   TestGrows\n    pool_test.go:15: CUDA error: out of memory\n--- FAIL: TestGrows (0.00s)\n".to_owned(),
            "TestGrows at pool_test.go:15",
        ),
        (
            "[ RUN      ] Pool.Grows\nunknown file: Failure\nC++ exception with description \"CUDA error: out of memory\" thrown in the \
             test body.\n[  FAILED  ] Pool.Grows (0 ms)\n"
                .to_owned(),
            "Pool.Grows",
        ),
    ]
}

#[test]
fn runners_that_number_or_mark_their_tests_name_them() {
    let failed = format!("{STACK}{MESSAGE}\n");
    for (log, expected) in marked(&failed).into_iter().chain(headed(&failed)) {
        assert_eq!(told(&log), [expected], "{log}");
    }
}

#[test]
fn ctest_numbers_tests_and_no_ranks() {
    let numbered = behind(
        "2: ",
        &format!("Test command: /ci/fit.sh\n{STACK}{MESSAGE}"),
    );
    let log = format!(
        "test 2\n    Start 2: trains_a_model\n\n{numbered}2/3 Test #2: trains_a_model ...................***Failed    0.02 sec\n"
    );
    assert_eq!(told(&log), ["trains_a_model at /ci/fit.py:70"]);
}

#[test]
fn go_s_records_are_read_with_their_tests() {
    let record = |test: &str, text: &str| {
        let record = serde_json::json!({"Time": "2026-01-02T03:04:05Z", "Action": "output", "Package": "ours/pool", "Test": test,
            "Output": format!("{text}\n")});
        format!("{record}\n")
    };
    let log = [
        record("TestA", "=== RUN   TestA"),
        record("TestB", "=== RUN   TestB"),
        record("TestA", "    pool_test.go:15: CUDA error: out of memory"),
        record("TestB", "    pool_test.go:25: no pool"),
        record("TestA", "--- FAIL: TestA (0.01s)"),
        record("TestB", "--- FAIL: TestB (0.01s)"),
    ];
    assert_eq!(told(&log.concat()), ["TestA at pool_test.go:15"]);
}

#[test]
fn a_report_in_junit_s_xml_is_read_with_its_tests() {
    let pytest = format!(
        "<testsuite name=\"pytest\"><testcase classname=\"tests.test_a\" name=\"test_ok\" time=\"0.0\" /><testcase \
         classname=\"tests.test_a.TestA\" name=\"test_p[a.b]\" time=\"0.0\"><failure message=\"{MESSAGE}\">def test_p(x):\n&gt;       y = \
         f(x)\n\ntests/test_a.py:12: \n_ _ _ _ _ _\n\n    def f(x):\n&gt;       return x @ x.T\nE       {MESSAGE}\n\nlib/ops.py:7: \
         OutOfMemoryError</failure></testcase><testcase classname=\"tests.test_a\" name=\"test_skip\"><skipped message=\"{MESSAGE}\" \
         /></testcase></testsuite>\n"
    );
    assert_eq!(
        told(&pytest),
        ["tests/test_a.py::TestA::test_p[a.b] at lib/ops.py:7"]
    );
    let gtest = "<testsuite name=\"Pool\">\n  <testcase name=\"Grows\" file=\"g.cpp\" classname=\"Pool\">\n    <failure message=\"unknown \
        file&#x0A;C++ exception with description &quot;CUDA error: out of memory&quot; thrown in the test body.\" type=\"\"><![CDATA[unknown \
        file\nC++ exception with description \"CUDA error: out of memory\" thrown in the test body.]]></failure>\n  </testcase>\n\
        </testsuite>\n";
    assert_eq!(told(gtest), ["Pool.Grows"]);
    let passed = format!(
        "<testcase classname=\"a.B\" name=\"handlesIt\"><system-out>{MESSAGE}\n</system-out></testcase>\n<testcase classname=\"a.B\" \
         name=\"other\"><failure message=\"1 != 2\"></failure></testcase>\n"
    );
    assert_eq!(told(&passed), ["a.B.handlesIt caught"]);
}

#[test]
fn a_lone_number_is_a_rank_only_where_srun_shows_it() {
    let lone = "loading\nstarting\nrunning\n";
    assert_eq!(told(&format!("{lone}4: {MESSAGE}\n")), ["no test"]);
    let labelled = behind("4: ", &format!("{STACK}{MESSAGE}"));
    let much = lone.repeat(4);
    assert_eq!(
        told(&format!("{much}{labelled}{much}")),
        ["no test at /ci/fit.py:70 on rank 4"]
    );
    let ended = "srun: error: n2: task 4: Exited with exit code 1\n";
    assert_eq!(
        told(&format!("{lone}4: {MESSAGE}\n{ended}")),
        ["no test on rank 4"]
    );
}

#[test]
fn what_a_green_run_wrote_does_not_count_whichever_test_wrote_it() {
    let starts =
        "============================= test session starts ==============================\n";
    let ends = |words: &str| format!("============ {words} in 1.0s ============\n");
    let rust = |end: &str| {
        format!("running 2 tests\n{MESSAGE}\ntest result: {end}. 1 passed; finished in 0.01s\n")
    };
    let unittest = |end: &str| {
        format!("+ python -m unittest\n..WARNING:root:{MESSAGE}\n.\nRan 3 tests in 0.1s\n\n{end}\n")
    };
    for (log, counts) in [
        (
            format!("{starts}tests/a.py {MESSAGE}\n..\n{}", ends("2 passed")),
            false,
        ),
        (
            format!(
                "{starts}tests/a.py {MESSAGE}\n.F\n{}",
                ends("1 failed, 1 passed")
            ),
            true,
        ),
        (
            format!(
                "{STACK}{MESSAGE}\n{starts}tests/a.py ..\n{}",
                ends("2 passed")
            ),
            true,
        ),
        (
            format!(
                "{starts}tests/a.py ..\n{}{STACK}{MESSAGE}\n",
                ends("2 passed")
            ),
            true,
        ),
        (format!("{starts}tests/a.py {MESSAGE}\n"), true),
        (rust("ok"), false),
        (rust("FAILED"), true),
        (unittest("OK"), false),
        (unittest("FAILED (errors=1)"), true),
        (
            format!("  console.log\n    {MESSAGE}\n\nTests:       1 passed, 1 total\n"),
            false,
        ),
        (
            format!("  console.log\n    {MESSAGE}\n\nTests:       1 failed, 1 total\n"),
            true,
        ),
    ] {
        let found = found(&log);
        assert_eq!(found.len(), 1, "{log}");
        assert_eq!(!found[0].incident.caught, counts, "{log}");
    }
}

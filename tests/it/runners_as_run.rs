//! What the runners themselves print when tests fail: pytest 9, ctest, go test, cargo test and node were run for each, and their output is
//! written down in short.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::evidence::Part;

fn found(log: &str) -> Vec<Explained> {
    diagnose("ci.log", log.as_bytes()).incidents
}

/// `tests::grows at lib/ops.py:7`, with "caught" where it does not count.
fn told(log: &str) -> Vec<String> {
    let words = |one: &Explained| {
        let incident = &one.incident;
        let test = incident.who.get(Part::Test).unwrap_or("no test");
        let place = incident.frame.as_ref();
        let place = place.map(|frame| format!(" at {}:{}", frame.file, frame.line));
        let caught = if incident.caught { " caught" } else { "" };
        format!("{test}{}{caught}", place.unwrap_or_default())
    };
    found(log).iter().map(words).collect()
}

fn message(tried: &str) -> String {
    format!(
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried} GiB. GPU 0 has a total capacity of 31.74 GiB of which 1.20 GiB \
         is free."
    )
}

/// The report of one test, as `--tb=short` prints it.
fn report(banner: &str, tried: &str) -> String {
    format!(
        "_______________________ {banner} _______________________\ntests/test_a.py:12: in test_x\n    y = f(x)\nlib/ops.py:7: in f\n    return \
         x @ x.T\nE   {}\n",
        message(tried)
    )
}

const FAILURES: &str =
    "=================================== FAILURES ===================================\n";
const SUMMARY: &str =
    "=========================== short test summary info ============================\n";

#[test]
fn a_failed_subtest_is_named_by_its_test_and_what_is_its_own_and_its_summary_line_is_a_copy() {
    let log = format!(
        "{FAILURES}{}{}{}{SUMMARY}\
         SUBFAILED(n='1.50') tests/test_a.py::T::test_sub - torch.OutOfMemoryError: CU...\n\
         SUBFAILED[wide] (n='1.60') tests/test_a.py::T::test_sub - torch.OutOfMemoryError: CU...\n\
         FAILED tests/test_a.py::T::test_x - torch.OutOfMemoryError: CUDA out of memor...\n",
        report("T.test_sub (n='1.50')", "1.50"),
        report("T.test_sub [wide] (n='1.60')", "1.60"),
        report("T.test_x", "2.40"),
    );
    let expected = [
        "tests/test_a.py::T::test_sub (n='1.50') at lib/ops.py:7",
        "tests/test_a.py::T::test_sub [wide] (n='1.60') at lib/ops.py:7",
        "tests/test_a.py::T::test_x at lib/ops.py:7",
    ];
    assert_eq!(told(&log), expected);
    let alone = "SUBFAILED(n='1.50') tests/test_a.py::T::test_sub - torch.OutOfMemoryError: CU...\n\
        SUBPASSED(n='1.60') tests/test_a.py::T::test_sub - torch.OutOfMemoryError: CU...\n\
        SUBSKIPPED(n='1.60') [1] tests/test_a.py:3: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n\
        SUBXFAIL[wide] tests/test_a.py::T::test_sub - torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n";
    assert_eq!(told(alone), ["tests/test_a.py::T::test_sub (n='1.50')"]);
}

#[test]
fn the_dots_of_a_parameter_stay_dots() {
    let log = format!(
        "{FAILURES}{}{}{SUMMARY}FAILED tests/test_a.py::TestA::test_x[0.5-torch.float16] - torch.OutOfMemoryErr...\n",
        report("TestA.test_x[0.5-torch.float16]", "2.40"),
        report("test_y[1.5]", "4.80"),
    );
    assert_eq!(
        told(&log),
        [
            "tests/test_a.py::TestA::test_x[0.5-torch.float16] at lib/ops.py:7",
            "tests/test_a.py::test_y[1.5] at lib/ops.py:7",
        ]
    );
}

#[test]
fn the_place_stands_below_the_locals_that_pytest_shows() {
    let log = format!(
        "{FAILURES}________ test_x ________\n\n    def test_x():\n>       y = f(1)\n\nx          = 1\n\ntests/test_a.py:8: \n_ _ _ _ _ _ _ _\n\n\
         x = 1\n\n    def f(x):\n>       return x @ x.T\nE       {}\n\nfree       = '1.20'\nx          = {{'a': 1,\n 'b': 2}}\n\nlib/ops.py:7: \
         OutOfMemoryError\n________ test_z ________\nlib/other.py:9: ValueError\n",
        message("2.40")
    );
    assert_eq!(told(&log), ["tests/test_a.py::test_x at lib/ops.py:7"]);
}

#[test]
fn what_a_test_wrote_that_passed_is_none_in_a_verbose_run_of_ctest() {
    let test = |number: u32, name: &str, end: &str| {
        format!(
            "test {number}\n    Start {number}: {name}\n\n{number}: Test command: /bin/t{number}\n{number}: Working Directory: /b\n{number}: CUDA \
             error: out of memory\n{number}: end of {name}\n{number}/3 Test #{number}: {name} ..........{end}    0.00 sec\n"
        )
    };
    let log = test(1, "fit", "***Failed")
        + &test(2, "fine", "   Passed")
        + &test(3, "will_fail", "   Passed");
    assert_eq!(told(&log), ["fit", "fine caught", "will_fail caught"]);
    // Too few lines begin with a number to take it for a prefix.
    let short = "    Start 3: fine\n3: CUDA error: out of memory\n3/3 Test #3: fine ..........   Passed    0.00 sec\n";
    assert_eq!(told(short), ["fine caught"]);
}

#[test]
fn a_test_of_ctest_is_named_once_in_its_xml() {
    let xml = "<?xml version=\"1.0\"?>\n<testsuite name=\"(empty)\" tests=\"1\">\n\t<testcase name=\"fit\" classname=\"fit\" time=\"0.1\" \
        status=\"fail\">\n\t\t<failure message=\"Failed\"/>\n\t\t<properties/>\n\t\t<system-out>CUDA error: out of memory\n</system-out>\n\t\
        </testcase>\n</testsuite>\n";
    assert_eq!(told(xml), ["fit"]);
}

#[test]
fn a_test_of_node_that_is_still_to_do_does_not_count_and_the_list_at_the_end_is_a_copy() {
    let failed = "\u{2716} alloc grows (1.2ms)\n  Error: CUDA error: out of memory\n      at Test.run (node:internal/test:796:25)\n\n";
    let to_do = "\u{2716} later (0.1ms) # TODO\n  Error: CUDA error: out of memory\n\n";
    let log = format!(
        "{failed}\u{2714} fine (6.7ms)\n{to_do}\u{2139} tests 3\n\u{2139} fail 1\n\n\u{2716} failing tests:\n\ntest at a.test.js:2:1\n{failed}\
         test at a.test.js:4:1\n{to_do}"
    );
    assert_eq!(told(&log), ["alloc grows", "later caught"]);
}

#[test]
fn a_panic_below_the_line_that_says_that_its_test_failed_is_of_that_test() {
    let log = "--- FAIL: TestPanic (0.00s)\npanic: CUDA error: out of memory [recovered]\n\tpanic: CUDA error: out of memory\n\ngoroutine 23 \
        [running]:\nours.TestPanic(0xc0)\n\t/src/a_test.go:28 +0x33\nFAIL\tours\t0.005s\n";
    assert_eq!(told(log), ["TestPanic at /src/a_test.go:28"]);
    assert_eq!(found(log)[0].incident.repeats, 1);
}

#[test]
fn one_line_that_says_it_in_the_words_of_two_libraries_is_one_failure() {
    let line = "fit: CUDA_ERROR_OUT_OF_MEMORY: cuMemAlloc_v2 failed: out of memory\n";
    assert_eq!(found(line).len(), 1);
}

#[test]
fn what_rusts_runner_prints_behind_the_name_of_a_test_is_that_tests() {
    let error = "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")";
    let log = format!(
        "running 3 tests\ntest tests::fine ... seen: {error}\nok\ntest tests::grows ... \nthread 'tests::grows' (9) panicked at src/lib.rs:10:34:\n\
         called `Result::unwrap()` on an `Err` value: {error}\nFAILED\ntest tests::result ... Error: {error}\nFAILED\n\nfailures:\n    \
         tests::grows\n    tests::result\n"
    );
    assert_eq!(
        told(&log),
        [
            "tests::fine caught",
            "tests::grows at src/lib.rs:10",
            "tests::result"
        ]
    );
}

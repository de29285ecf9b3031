//! Ten thousand failures in every output: each stays within what its platform takes, and says what it left out.

use std::io::Write;
use std::sync::LazyLock;

use serde_json::Value;
use whyoom::report::{self, Options};
use whyoom::{Diagnosis, Explained, Log, diagnose};

const FAILURES: usize = 10_000;

/// The same failure in as many files of a program, and many inputs that could not be read.
static RUN: LazyLock<Vec<Diagnosis>> = LazyLock::new(|| {
    let log = "Traceback (most recent call last):\n  File \"part.py\", line 87, in main\n    loss.backward()\n\
         torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB \
         of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved \
         by PyTorch but unallocated.\n";
    let mut whole = diagnose("ci.log", log.as_bytes());
    let first = whole.incidents.remove(0);
    whole
        .incidents
        .extend((0..FAILURES).map(|n| like(&first, n)));
    let unread = (0..30).map(|n| {
        let log = Log::unread(&format!("cut{n}.log"), "the disk went away");
        Diagnosis::of(log, None)
    });
    [whole].into_iter().chain(unread).collect()
});

/// The same failure in another file, further down in the log.
fn like(one: &Explained, number: usize) -> Explained {
    let mut incident = one.incident.clone();
    incident.place.line += 100 * u64::try_from(number).unwrap();
    incident.frame.as_mut().unwrap().file = format!("part{number}.py");
    Explained {
        incident,
        ..one.clone()
    }
}

fn write(format: &str) -> String {
    let mut out = Vec::new();
    (report::output(format).unwrap().write)(&RUN, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn sarif_is_what_code_scanning_keeps_and_takes() {
    let text = write("sarif");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap().len();
    assert!(packed < 10_000_000, "{packed}");
    let sarif: Value = serde_json::from_str(&text).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 5000);
    assert!(run["tool"]["driver"]["rules"].as_array().unwrap().len() < 25_000);
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    let last = notes.as_array().unwrap().last().unwrap();
    assert_eq!(
        last["message"]["text"],
        "5000 more failures are left out: GitHub keeps 5000."
    );
}

#[test]
fn github_gets_ten_of_each_kind_and_short_messages() {
    let text = write("github");
    let count = |kind: &str| text.lines().filter(|l| l.starts_with(kind)).count();
    assert_eq!(
        (count("::error "), count("::warning "), count("::notice ")),
        (10, 10, 1)
    );
    assert!(text.contains("::9990 more failures"));
    assert!(text.contains("::Not all was read of 21 more inputs."));
    let longest = text.lines().filter(|l| l.starts_with("::")).map(str::len);
    assert!(longest.max().unwrap() < 65_535);
}

#[test]
fn the_page_of_the_job_is_less_than_a_mebibyte() {
    let page = report::github::summary(&RUN, &Options::default(), report::github::SUMMARY);
    assert!(
        (500_000..=1024 * 1024).contains(&page.len()),
        "{}",
        page.len()
    );
    assert!(page.contains("more failures did not fit on this page"));
}

#[test]
fn junit_is_less_than_gitlab_takes() {
    let text = write("junit");
    assert!(text.len() < 30_000_000, "{}", text.len());
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let tests = &report.test_suites[0].test_cases;
    assert!(tests.len() < 500_000, "{}", tests.len());
    assert_eq!(report.errors, 30);
}

#[test]
fn gitlab_leaves_nothing_out() {
    let findings: Value = serde_json::from_str(&write("gitlab")).unwrap();
    assert_eq!(findings.as_array().unwrap().len(), FAILURES);
}

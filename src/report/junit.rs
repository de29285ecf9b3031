//! `JUnit`'s XML: each failure fails a test, which bears the name of the user's own test where the log tells it, else that of
//! the input. An input without a failure is a test that passed. A failure of the baseline fails none: its test is skipped.
//!
//! GitLab takes a file of less than 30 MB (docs.gitlab.com, "Unit test reports", "File format and size limits"), so that where
//! there are very many failures, the reports of the last ones are left out, and then those failures themselves, counted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::sanitize::visible;
use super::{Options, Output, Readings, margin, terminal, view};
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;
use crate::evidence::Part;

pub(super) static OUTPUT: Output = Output {
    name: "junit",
    about: "JUnit's XML: the tests that failed, else the inputs",
    write,
    streams: false,
    follows: false,
    readings: Readings::Nothing,
};

/// How many bytes may still be written, before they are escaped.
struct Room {
    /// For reports.
    reports: usize,
    /// For messages of failures that are not the first of their input.
    further: usize,
}

impl Room {
    const ALL: Self = Self {
        reports: 10 << 20,
        further: 5 << 20,
    };
}

/// Takes so many bytes; false where they are not there.
fn take(room: &mut usize, bytes: usize) -> bool {
    let left = room.checked_sub(bytes);
    *room = left.unwrap_or(0);
    left.is_some()
}

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut suite = TestSuite::new("whyoom");
    let mut room = Room::ALL;
    let mut names = Names::new();
    for diagnosis in diagnoses {
        suite.add_test_cases(tests(diagnosis, options, &mut room, &mut names));
    }
    let mut report = Report::new("whyoom");
    report.add_test_suite(suite);
    let xml = report
        .to_string()
        .map_err(|e| Error::Write(std::io::Error::other(e)))?;
    out.write_all(xml.as_bytes()).map_err(Error::Write)
}

/// How often each name was given to a test.
type Names = BTreeMap<String, usize>;

/// The tests of one input. The first bears a name alone, so that its history goes on when it fails; a test can fail only
/// once, so that further failures are tests of their own, those of the baseline last.
fn tests(
    diagnosis: &Diagnosis,
    options: &Options,
    room: &mut Room,
    names: &mut Names,
) -> Vec<TestCase> {
    let knows = |e: &&Explained| !options.fails(e);
    let (known, new): (Vec<_>, Vec<_>) = diagnosis.incidents.iter().partition(knows);
    let mut tests = Tests {
        source: visible(&diagnosis.source),
        cases: Vec::new(),
        more: 0,
        room,
        names,
    };
    for explained in new {
        let failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
        tests.add(failure, explained, options);
    }
    for place in &diagnosis.joined {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let told = format!("told with the other ranks of its job, at {place}");
        status.set_type("joined").set_message(visible(&told));
        tests.push(status);
    }
    let near = options.compared.near.iter();
    let near = near.filter(|near| near.source == diagnosis.source);
    for near in near.filter(|_| options.compared.gate.counts_margin()) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let words = visible(&margin::sentence(near)).into_owned();
        // GitLab shows the text alone.
        status.set_type("margin").set_message(words.as_str());
        status.set_description(words);
        tests.push(status);
    }
    if !diagnosis.complete {
        tests.push(unread(diagnosis));
    }
    if tests.more > 0 {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let words = format!("{} more failures had no room in this file", tests.more);
        status.set_type("more").set_message(words);
        tests.push(status);
    }
    for explained in known {
        tests.add(TestCaseStatus::skipped(), explained, options);
    }
    if tests.cases.is_empty() {
        tests.push(TestCaseStatus::success());
    }
    tests.cases
}

/// The tests of one input under construction.
struct Tests<'a> {
    source: Cow<'a, str>,
    cases: Vec<TestCase>,
    /// Failures that had no room.
    more: usize,
    room: &'a mut Room,
    names: &'a mut Names,
}

impl Tests<'_> {
    /// Adds what became of one failure: a failure, or one that is known.
    fn add(&mut self, mut status: TestCaseStatus, explained: &Explained, options: &Options) {
        let known = matches!(status, TestCaseStatus::Skipped { .. });
        let summary = view::summary(explained);
        let message = visible(&summary);
        if !self.cases.is_empty() && !take(&mut self.room.further, message.len()) {
            self.more += usize::from(!known);
            return;
        }
        if known {
            let why = view::uncounted(explained, options).unwrap_or(view::KNOWN);
            let words = format!("{why} {message}");
            // Some readers take the attribute, GitLab takes the text.
            status.set_message(words.as_str()).set_description(words);
        } else {
            let room = &mut self.room.reports;
            let report = (*room > 0).then(|| terminal::failure(explained, options));
            let report = report.filter(|report| take(room, report.len()));
            // GitLab shows the text alone.
            let text = report.unwrap_or_else(|| message.to_string());
            status.set_type(kind(explained)).set_message(&*message);
            status.set_description(text);
        }
        match explained.incident.who.get(Part::Test) {
            Some(test) => {
                let class = file(test).unwrap_or(&self.source).to_owned();
                self.push_as(&visible(test), &visible(&class), status);
            }
            None => self.push(status),
        }
    }

    /// Adds a test that bears the name of the input.
    fn push(&mut self, status: TestCaseStatus) {
        let source = self.source.to_string();
        self.push_as(&source, "whyoom", status);
    }

    fn push_as(&mut self, name: &str, class: &str, status: TestCaseStatus) {
        let given = self.names.entry(name.to_owned()).or_default();
        *given += 1;
        let name = match *given {
            1 => name.to_owned(),
            nth => format!("{name} ({nth})"),
        };
        let mut case = TestCase::new(name, status);
        case.set_classname(class);
        self.cases.push(case);
    }
}

/// The file in the id of a test: `tests/test_a.py::TestA::test_x`.
fn file(test: &str) -> Option<&str> {
    let (file, _) = test.split_once("::")?;
    // Rust's ids have modules there.
    file.contains('.').then_some(file)
}

/// "fragmentation/split-segments".
fn kind(explained: &Explained) -> String {
    explained.causes.first().map_or_else(
        || "unknown".to_owned(),
        |best| format!("{}/{}", best.finding.cause.name(), best.finding.id.name()),
    )
}

fn unread(diagnosis: &Diagnosis) -> TestCaseStatus {
    let problem = diagnosis.problem.as_deref().unwrap_or("cut short");
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("not-all-was-read")
        .set_message(visible(&format!("not all was read: {problem}")));
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_that_have_no_room_are_counted() {
        let failure = |file| {
            format!(
                "Traceback (most recent call last):\n  File \"{file}\", line 7, in main\n    y = model(x)\n\
                 torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB.\n{}",
                "epoch\n".repeat(500)
            )
        };
        let log: String = ["a.py", "b.py", "c.py"].into_iter().map(failure).collect();
        let diagnosis = crate::diagnose("ci.log", log.as_bytes());
        let mut room = Room {
            reports: 0,
            further: 0,
        };
        let mut names = Names::new();
        let cases = tests(&diagnosis, &Options::default(), &mut room, &mut names);
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["ci.log", "ci.log (2)"]);
        let TestCaseStatus::NonSuccess { message, .. } = &cases[1].status else {
            panic!("{cases:?}");
        };
        let message = message.as_ref().map(quick_junit::XmlString::as_str);
        assert_eq!(message, Some("2 more failures had no room in this file"));
    }
}

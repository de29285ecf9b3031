//! `JUnit`'s XML: each input is a test, and each failure in it fails one.

use std::io::Write;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::sanitize::visible;
use super::{Options, Output, terminal, view};
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "junit",
    about: "JUnit's XML, one test for each input",
    write,
    streams: false,
};

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut suite = TestSuite::new("whyoom");
    for diagnosis in diagnoses {
        suite.add_test_cases(tests(diagnosis, options));
    }
    let mut report = Report::new("whyoom");
    report.add_test_suite(suite);
    let xml = report
        .to_string()
        .map_err(|e| Error::Write(std::io::Error::other(e)))?;
    out.write_all(xml.as_bytes()).map_err(Error::Write)
}

/// The tests of one input. The first bears its name alone, so that its history goes on when it fails; a test can fail only
/// once, so that further failures are tests of their own.
fn tests(diagnosis: &Diagnosis, options: &Options) -> Vec<TestCase> {
    let mut outcomes: Vec<TestCaseStatus> = diagnosis
        .incidents
        .iter()
        .map(|explained| failed(explained, options))
        .collect();
    if !diagnosis.complete {
        outcomes.push(unread(diagnosis));
    }
    if outcomes.is_empty() {
        outcomes.push(TestCaseStatus::success());
    }
    let source = visible(&diagnosis.source);
    let test = |(number, outcome)| {
        let name = match number {
            1 => source.to_string(),
            number => format!("{source} ({number})"),
        };
        let mut test = TestCase::new(name, outcome);
        test.set_classname("whyoom");
        test
    };
    (1..).zip(outcomes).map(test).collect()
}

fn failed(explained: &Explained, options: &Options) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let kind = explained.causes.first().map_or_else(
        || "unknown".to_owned(),
        |best| format!("{}/{}", best.finding.cause.name(), best.finding.id),
    );
    status
        .set_type(kind)
        .set_message(visible(&view::summary(explained)))
        .set_description(terminal::failure(explained, options));
    status
}

fn unread(diagnosis: &Diagnosis) -> TestCaseStatus {
    let problem = diagnosis.problem.as_deref().unwrap_or("cut short");
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("not-all-was-read")
        .set_message(visible(&format!("not all was read: {problem}")));
    status
}

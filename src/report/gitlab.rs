//! GitLab's code quality report: an array of findings, empty where there are none
//! (docs.gitlab.com, "Code quality", "Code Quality report format"). GitLab compares a report with that of the target branch
//! itself, so that a failure of the baseline stays in it, and its severity is the least. Of a finding it shows the
//! description, the severity and one place and nothing else (gitlab-org/gitlab, `codequality_degradation_entity.rb`): other
//! places, which Code Climate's format has fields for, stand in the description.

use std::io::Write;

use serde::Serialize;

use super::distinct::{Distinct, distinct};
use super::fingerprint::hash;
use super::repository::{in_log, spot};
use super::sanitize::visible;
use super::{Options, Output, Readings, json, margin, view};
use crate::compare::Near;
use crate::diagnose::Diagnosis;
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "gitlab",
    about: "GitLab's code quality report",
    write,
    streams: false,
    follows: false,
    readings: Readings::Nothing,
};

#[derive(Serialize)]
struct Finding {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let all = distinct(diagnoses, options);
    let failures = all.iter().map(|one| finding(one, options));
    let near = options
        .compared
        .near
        .iter()
        .map(|near| close(near, options));
    let findings: Vec<Finding> = failures.chain(near).collect();
    json::write_indented(&findings, out)
}

/// A run that passed close to the size of the card.
fn close(near: &Near, options: &Options) -> Finding {
    let spot = in_log(&near.place(), options.repo_root.as_deref());
    Finding {
        description: visible(&margin::sentence(near)).into_owned(),
        check_name: "margin",
        fingerprint: hash(&["margin", &spot.path, near.counter.name()]),
        severity: if options.compared.gate.counts_margin() {
            "critical"
        } else {
            "minor"
        },
        location: Location {
            path: visible(&spot.path).into_owned(),
            lines: Lines { begin: spot.line },
        },
    }
}

fn finding(one: &Distinct<'_>, options: &Options) -> Finding {
    let incident = &one.first.incident;
    let spot = spot(incident, options.repo_root.as_deref());
    let words = format!(
        "{} {}",
        view::summary(one.first),
        view::other_places(incident)
    );
    Finding {
        description: visible(words.trim_end()).into_owned(),
        check_name: one.finding(),
        fingerprint: one.fingerprint.clone(),
        // The run failed, however sure the cause is.
        severity: if options.fails(one.first) {
            "critical"
        } else {
            "info"
        },
        location: Location {
            path: visible(&spot.path).into_owned(),
            lines: Lines { begin: spot.line },
        },
    }
}

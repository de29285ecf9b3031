//! The page of a job of GitHub Actions: a file that the runner names, to which each step appends.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::diagnose::Diagnosis;
use crate::report::{Options, github};

/// Appends the failures, as far as the page has room. The report is printed anyway, so that a page that cannot be written is
/// said and changes nothing else.
pub(super) fn append(path: &Path, diagnoses: &[Diagnosis], options: &Options) {
    let written = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| {
            let used = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
            let room = github::SUMMARY.saturating_sub(used);
            file.write_all(github::summary(diagnoses, options, room).as_bytes())
        });
    if let Err(error) = written {
        super::complain(&format!("cannot write the page of the job: {error}"));
    }
}

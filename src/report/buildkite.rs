//! An annotation of Buildkite: Markdown for `buildkite-agent annotate`, which takes 1 MiB at most (buildkite.com/docs, "Annotations").

use std::io::Write;

use super::github::summary;
use super::{Options, Output, Readings};
use crate::diagnose::Diagnosis;
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "buildkite",
    about: "Markdown for buildkite-agent annotate",
    write,
    streams: false,
    follows: false,
    readings: Readings::Nothing,
};

/// The largest annotation.
const LARGEST: usize = 1024 * 1024;

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let page = summary(diagnoses, options, LARGEST);
    out.write_all(page.as_bytes()).map_err(Error::Write)
}

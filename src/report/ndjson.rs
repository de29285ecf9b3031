//! One failure a line: the objects of `incidents` in the JSON report, each written as soon as it is found. No head and no
//! last line, so that the outputs of many runs can be joined; what was read in whole or in part, the exit code tells.

use std::io::Write;

use serde::Serialize;

use super::readings::SeriesReport;
use super::{Options, Output, Readings, json};
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Series;

pub(super) static OUTPUT: Output = Output {
    name: "ndjson",
    about: "One failure a line, as found; the objects of `incidents` in `json`",
    write,
    streams: true,
    follows: true,
    readings: Readings::Nothing,
};

/// One failure.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    incident: json::IncidentReport,
    /// The readings of its log so far, where that still grows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    telemetry: Vec<SeriesReport>,
}

/// Writes each failure and hands it on at once.
fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    for diagnosis in diagnoses {
        let so_far = diagnosis.series.iter().filter(|_| options.growing);
        let telemetry: Vec<&Series> = so_far.collect();
        for explained in &diagnosis.incidents {
            let line = Line {
                incident: json::incident(explained, options),
                telemetry: telemetry.iter().copied().map(SeriesReport::from).collect(),
            };
            out.write_all(&json::line(&line)?)
                .and_then(|()| out.flush())
                .map_err(Error::Write)?;
        }
    }
    Ok(())
}

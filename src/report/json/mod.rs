//! The JSON report: one object a run. Fields may be added; a change of meaning raises `schema`.

mod census;
mod clues;
mod failure;
mod fixes;
mod holdings;
mod parts;
mod settings;
mod skew;
#[cfg(test)]
pub(crate) mod written_schema;

use std::io::Write;

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::compared::ComparedReport;
use super::indented::Safe;
use super::readings::SeriesReport;
use super::{Options, Output, Readings};
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Devices;
pub(super) use failure::{IncidentReport, incident};
use holdings::HoldingsReport;
use skew::SkewReport;

/// The number that a change of meaning raises.
pub const SCHEMA: u32 = 1;

pub(super) static OUTPUT: Output = Output {
    name: "json",
    about: "One JSON object; `whyoom schema` describes it",
    write,
    streams: false,
    follows: false,
    readings: Readings::Course,
};

/// What `whyoom --format json` prints: the report of one run. Sizes are bytes, as intervals that are certain to hold the
/// real number. What is not known is null or left out, never zero.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Report<'a> {
    /// Always [`SCHEMA`].
    schema: u32,
    /// What made the report.
    tool: Tool,
    /// Where the CI system shows the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// What was read.
    #[cfg_attr(test, schemars(with = "Vec<Input>"))]
    inputs: Each<'a, Input>,
    /// The failures, in the order of the inputs.
    #[cfg_attr(test, schemars(with = "Vec<IncidentReport>"))]
    incidents: Each<'a, IncidentReport>,
    /// The memory readings.
    #[cfg_attr(test, schemars(with = "Vec<SeriesReport>"))]
    telemetry: Each<'a, SeriesReport>,
    /// Who held the GPUs on which nothing failed, of inputs that are memory snapshots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    snapshots: Vec<HoldingsReport>,
    /// The ranks of a job beside each other, where each left a memory snapshot; one for each job.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    skew: Vec<SkewReport>,
    /// The GPUs as they were when the report was made, with `--live`.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Devices>,
    #[serde(flatten)]
    compared: ComparedReport,
}

/// The program that made a report.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

impl Default for Tool {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// One input.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Input {
    /// As the user named it.
    source: String,
    /// How many bytes were read.
    bytes: u64,
    /// Whether that was all of it.
    complete: bool,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What the bytes are, where they are no plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

/// A list of which each part is made when it is written: all of them together would be larger than what they are made of.
struct Each<'a, T>(Box<dyn Fn() -> Parts<'a, T> + 'a>);

/// The parts of a list.
type Parts<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

impl<'a, T> Each<'a, T> {
    fn of<I: Iterator<Item = T> + 'a>(parts: impl Fn() -> I + 'a) -> Self {
        Self(Box::new(move || Box::new(parts())))
    }
}

impl<T: Serialize> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The report of a run.
pub fn report<'a>(diagnoses: &'a [Diagnosis], options: &'a Options) -> Report<'a> {
    let failures = || diagnoses.iter().flat_map(|d| &d.incidents);
    let series = || diagnoses.iter().flat_map(|d| &d.series);
    let held = diagnoses.iter().flat_map(|d| &d.holdings);
    let skew = diagnoses.iter().filter_map(|d| d.skew.as_ref());
    Report {
        schema: SCHEMA,
        tool: Tool::default(),
        url: options.links.job.clone(),
        inputs: Each::of(|| diagnoses.iter().map(Input::from)),
        incidents: Each::of(move || failures().map(|one| incident(one, options))),
        telemetry: Each::of(move || series().map(SeriesReport::from)),
        snapshots: held.map(HoldingsReport::from).collect(),
        skew: skew.map(SkewReport::from).collect(),
        live: diagnoses.iter().find_map(|d| d.live.clone()),
        compared: ComparedReport::from(&options.compared),
    }
}

impl From<&Diagnosis> for Input {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self {
            source: diagnosis.source.clone(),
            bytes: diagnosis.bytes,
            complete: diagnosis.complete,
            problem: diagnosis.problem.clone(),
            remark: diagnosis.remark.clone(),
        }
    }
}

/// What one record says, with `--records`: its input and its failures as they stand in [`report`].
pub fn record(diagnosis: &Diagnosis, options: &Options) -> Map<String, Value> {
    let mut record = Map::new();
    let mut add = |key: &str, value: Value| record.insert(key.to_owned(), value);
    add("source", json!(diagnosis.source));
    add("complete", json!(diagnosis.complete));
    if let Some(problem) = &diagnosis.problem {
        add("problem", json!(problem));
    }
    let incidents = diagnosis.incidents.iter().map(|one| incident(one, options));
    add("incidents", json!(incidents.collect::<Vec<_>>()));
    record
}

/// Writes the report, indented.
pub fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    write_indented(&report(diagnoses, options), out)
}

/// Any JSON on one line, with its end, safe to print.
pub fn line(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut line = Vec::new();
    write_as(Safe::on_one_line(), value, &mut line)?;
    Ok(line)
}

/// Writes any JSON, indented and safe to print.
pub(super) fn write_indented(value: &impl Serialize, out: &mut dyn Write) -> Result<(), Error> {
    write_as(Safe::indented(), value, out)
}

fn write_as(form: Safe, value: &impl Serialize, out: &mut dyn Write) -> Result<(), Error> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, form);
    value
        .serialize(&mut serializer)
        .map_err(|e| Error::Write(e.into()))?;
    out.write_all(b"\n").map_err(Error::Write)
}

/// The JSON Schema of the report. A test holds it to the types that write the JSON.
pub fn schema() -> String {
    include_str!("schema.json").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_that_of_the_types() {
        // What is written, and not what would be read: a field that can be left out is not required.
        let settings = schemars::generate::SchemaSettings::default().for_serialize();
        let generator = settings.into_generator();
        let made = generator.into_root_schema_for::<Report<'static>>();
        written_schema::is("report/json/schema.json", &made);
    }
}

//! The JSON report: one object a run. Fields may be added; a change of meaning raises `schema`.

use std::io::Write;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::compared::ComparedReport;
use super::elsewhere::ElsewhereReport;
use super::fingerprint::fingerprint;
use super::indented::{Indented, OneLine};
use super::readings::SeriesReport;
use super::{Options, Output, Readings};
use crate::bytes::Bytes;
use crate::causes::Cause;
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;
use crate::evidence::{Devices, Fact, Frame, Key, Memory, Now, Phase, Process};

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
#[derive(Serialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    schema: u32,
    /// What was read.
    inputs: Vec<Input>,
    /// The failures, in the order of the inputs.
    incidents: Vec<IncidentReport>,
    /// The memory readings.
    telemetry: Vec<SeriesReport>,
    /// The GPUs as they were when the report was made, with `--live`.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Devices>,
    #[serde(flatten)]
    compared: ComparedReport,
}

/// One input.
#[derive(Serialize, JsonSchema)]
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

/// A number of bytes, known to within its print's rounding.
#[derive(Serialize, JsonSchema)]
struct Interval {
    /// The least that prints so.
    low: u64,
    /// The most that prints so.
    high: u64,
}

impl From<Bytes> for Interval {
    fn from(bytes: Bytes) -> Self {
        Self {
            low: bytes.low(),
            high: bytes.high(),
        }
    }
}

/// One number of a failure.
#[derive(Serialize, JsonSchema)]
struct FactReport {
    /// The least that prints so.
    low: u64,
    /// The most that prints so.
    high: u64,
    /// As printed.
    text: String,
    /// The line of the raw input, from 1.
    line: u64,
}

impl From<&Fact> for FactReport {
    fn from(fact: &Fact) -> Self {
        Self {
            low: fact.bytes.low(),
            high: fact.bytes.high(),
            text: fact.text.clone(),
            line: fact.line,
        }
    }
}

/// A frame of the user's own code.
#[derive(Serialize, JsonSchema)]
struct FrameReport {
    /// The file as printed.
    file: String,
    /// The line in it.
    line: u32,
    /// The function, or empty.
    function: String,
}

impl From<&Frame> for FrameReport {
    fn from(frame: &Frame) -> Self {
        Self {
            file: frame.file.clone(),
            line: frame.line,
            function: frame.function.clone(),
        }
    }
}

/// A process that the message lists.
#[derive(Serialize, JsonSchema)]
struct ProcessReport {
    /// Its id as printed; null for "this process".
    pid: Option<u32>,
    /// The least that it holds.
    low: u64,
    /// The most that it holds.
    high: u64,
    /// Whether it is the failing process itself.
    #[serde(rename = "self")]
    own: bool,
}

impl From<&Process> for ProcessReport {
    fn from(process: &Process) -> Self {
        Self {
            pid: process.pid,
            low: process.bytes.low(),
            high: process.bytes.high(),
            own: process.own,
        }
    }
}

/// One cause that holds.
#[derive(Serialize, JsonSchema)]
struct CauseReport {
    /// fragmentation, exhaustion, leak, contention, cap, oversized, host-memory or unknown.
    #[schemars(extend("enum" = Cause::ALL.map(Cause::name)))]
    cause: &'static str,
    /// The specific finding.
    finding: &'static str,
    /// proven, likely or possible.
    #[schemars(extend("enum" = ["proven", "likely", "possible"]))]
    confidence: &'static str,
    /// The arithmetic.
    because: String,
    /// What would settle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settle: Option<String>,
}

/// One fix.
#[derive(Serialize, JsonSchema)]
struct FixReport {
    /// Its id.
    fix: &'static str,
    /// Whether it is enough: yes, no or unknown.
    #[schemars(extend("enum" = ["yes", "no", "unknown"]))]
    enough: &'static str,
    /// What it wins here, or null.
    gain: Option<Interval>,
    /// What it costs.
    cost: &'static str,
    /// The exact thing to type.
    how: String,
}

/// The values of `phase`.
fn phases() -> Value {
    let phases = [
        Phase::Load,
        Phase::Forward,
        Phase::Backward,
        Phase::Optimizer,
        Phase::Eval,
        Phase::Generate,
        Phase::GraphCapture,
        Phase::Communication,
        Phase::Compile,
        Phase::Dataloader,
    ];
    let known = phases.iter().map(|phase| json!(phase.name()));
    Value::Array(known.chain([Value::Null]).collect())
}

/// One failure.
#[derive(Serialize, JsonSchema)]
pub(super) struct IncidentReport {
    /// The input that holds it.
    source: String,
    /// Its first line, from 1.
    line: u64,
    /// device or host.
    #[schemars(extend("enum" = ["device", "host"]))]
    memory: &'static str,
    /// Who printed it.
    framework: &'static str,
    /// The id of the format.
    format: &'static str,
    /// Its name, the same in every run that fails in this way at this place of the program.
    fingerprint: String,
    /// Whether the run given with `--baseline` had it; left out where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
    /// The device's index.
    device: Option<u32>,
    /// The rank that failed.
    rank: Option<u32>,
    /// All ranks that failed alike, where several did.
    ranks: Vec<u32>,
    /// What other inputs of the same job say of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    elsewhere: Vec<ElsewhereReport>,
    /// What the program was doing.
    #[schemars(extend("enum" = phases()))]
    phase: Option<&'static str>,
    /// The user's own frame.
    frame: Option<FrameReport>,
    /// How many times it was seen, the first included.
    repeats: u64,
    /// The last step printed before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    /// The numbers, by key.
    #[schemars(with = "std::collections::BTreeMap<String, FactReport>")]
    #[schemars(extend("propertyNames" = json!({"enum": Key::ALL.map(Key::name)})))]
    facts: Map<String, Value>,
    /// The processes that the message lists.
    processes: Vec<ProcessReport>,
    /// How much was missing.
    shortfall: Option<Interval>,
    /// Why, surest first.
    causes: Vec<CauseReport>,
    /// What helps, best first.
    fixes: Vec<FixReport>,
    /// What else to know, as sentences.
    notes: Vec<String>,
    /// What the GPUs said of it when the report was made, with `--live`.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Now>,
}

impl From<&Explained> for IncidentReport {
    fn from(explained: &Explained) -> Self {
        let incident = &explained.incident;
        let facts = incident.facts.iter().filter_map(|(key, fact)| {
            Some((
                key.name().to_owned(),
                serde_json::to_value(FactReport::from(fact)).ok()?,
            ))
        });
        let causes = explained.causes.iter().map(|judged| CauseReport {
            cause: judged.finding.cause.name(),
            finding: judged.finding.id,
            confidence: judged.verdict.confidence.name(),
            because: judged.verdict.because.clone(),
            settle: judged.verdict.settle.clone(),
        });
        let fixes = explained.fixes.iter().map(|ranked| FixReport {
            fix: ranked.fix.id,
            enough: ranked.offer.enough.name(),
            gain: ranked.offer.gain.map(Interval::from),
            cost: ranked.fix.cost,
            how: ranked.offer.how.clone(),
        });
        Self {
            source: incident.place.source.clone(),
            line: incident.place.line,
            memory: match incident.memory {
                Memory::Device => "device",
                Memory::Host => "host",
            },
            framework: incident.framework.name(),
            format: incident.format,
            fingerprint: fingerprint(explained),
            known: None,
            device: incident.device,
            rank: incident.rank,
            ranks: incident.ranks(),
            elsewhere: incident
                .elsewhere
                .iter()
                .map(ElsewhereReport::from)
                .collect(),
            phase: incident.phase.map(Phase::name),
            frame: incident.frame.as_ref().map(FrameReport::from),
            repeats: incident.repeats,
            step: incident.run.step,
            facts: facts.collect(),
            processes: incident.processes.iter().map(ProcessReport::from).collect(),
            shortfall: explained.balance.shortfall.map(Interval::from),
            causes: causes.collect(),
            fixes: fixes.collect(),
            notes: explained.notes.clone(),
            live: explained.now.clone(),
        }
    }
}

/// One failure, with no more fixes than asked for.
pub(super) fn incident(explained: &Explained, options: &Options) -> IncidentReport {
    let mut incident = IncidentReport::from(explained);
    if let Some(most) = options.fixes {
        incident.fixes.truncate(most);
    }
    incident.known = options.compared.knows(&incident.fingerprint);
    incident
}

/// The report of a run.
pub fn report(diagnoses: &[Diagnosis], options: &Options) -> Report {
    let inputs = diagnoses.iter().map(|d| Input {
        source: d.source.clone(),
        bytes: d.bytes,
        complete: d.complete,
        problem: d.problem.clone(),
        remark: d.remark.clone(),
    });
    Report {
        schema: SCHEMA,
        inputs: inputs.collect(),
        incidents: diagnoses
            .iter()
            .flat_map(|d| &d.incidents)
            .map(|explained| incident(explained, options))
            .collect(),
        telemetry: diagnoses
            .iter()
            .flat_map(|d| d.series.iter().map(SeriesReport::from))
            .collect(),
        live: diagnoses.iter().find_map(|d| d.live.clone()),
        compared: ComparedReport::from(&options.compared),
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
    let mut serializer = serde_json::Serializer::with_formatter(&mut line, OneLine);
    let written = value.serialize(&mut serializer);
    written.map_err(|e| Error::Write(e.into()))?;
    line.push(b'\n');
    Ok(line)
}

/// Writes any JSON, indented and safe to print.
pub(super) fn write_indented(value: &impl Serialize, out: &mut dyn Write) -> Result<(), Error> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Indented::new());
    value
        .serialize(&mut serializer)
        .map_err(|e| Error::Write(e.into()))?;
    out.write_all(b"\n").map_err(Error::Write)
}

/// The JSON Schema of the report.
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap_or_default()
}

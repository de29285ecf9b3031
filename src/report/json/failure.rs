//! One failure in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::census::CensusReport;
use super::clues::ClueReport;
use super::fixes::FixReport;
use super::holdings::HoldingsReport;
use super::settings::{SettingReport, settings_of};
use crate::bytes::Bytes;
use crate::diagnose::Explained;
#[cfg(test)]
use crate::evidence::Key;
use crate::evidence::{Fact, Frame, Memory, Now, Part, Phase, Process};
#[cfg(test)]
use crate::findings::{Cause, Rerun};
use crate::findings::{Judged, Measured};
use crate::report::changes::{change, knob};
use crate::report::elsewhere::ElsewhereReport;
use crate::report::fingerprint::fingerprint;
use crate::report::{Options, view};

/// A number of bytes, known to within its print's rounding.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Interval {
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
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
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
            line: fact.line.max(1),
        }
    }
}

/// A frame of the user's own code.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct FrameReport {
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
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
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
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct CauseReport {
    /// fragmentation, exhaustion, leak, contention, cap, oversized, host-memory or unknown.
    #[cfg_attr(test, schemars(extend("enum" = Cause::ALL.map(Cause::name))))]
    cause: &'static str,
    /// The specific finding.
    finding: &'static str,
    /// Its page, where `--pages` says where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// proven, likely or possible.
    #[cfg_attr(test, schemars(extend("enum" = ["proven", "likely", "possible"])))]
    confidence: &'static str,
    /// How sure the finding within the cause is: proven, likely or possible.
    #[cfg_attr(test, schemars(extend("enum" = ["proven", "likely", "possible"])))]
    finding_confidence: &'static str,
    /// How often measured failures that look like this one had the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<MeasuredReport>,
    /// The arithmetic.
    because: String,
    /// What would settle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settle: Option<String>,
}

/// A frequency.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct MeasuredReport {
    /// So many had the cause.
    had: u32,
    /// Of so many that look like this failure.
    of: u32,
}

impl From<Measured> for MeasuredReport {
    fn from(measured: Measured) -> Self {
        let Measured { had, of } = measured;
        Self { had, of }
    }
}

/// The values of `phase`.
#[cfg(test)]
fn phases() -> Value {
    let known = Phase::ALL.iter().map(|phase| json!(phase.name()));
    Value::Array(known.chain([Value::Null]).collect())
}

/// One failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct IncidentReport {
    /// What failed where, as a title.
    title: String,
    /// The title, the verdict and its arithmetic, as one sentence.
    summary: String,
    /// The input that holds it.
    source: String,
    /// Its first line, from 1.
    line: u64,
    /// Where that line begins in the input as it was read, in bytes from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    /// Where the CI system shows the line of code.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Whether it fails the run: `--fail-on` and `--baseline` decide, and what was caught or is only a SIGKILL does not.
    counts: bool,
    /// Whether the program caught it and went on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    caught: bool,
    /// The test that failed, by the id of its runner.
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<String>,
    /// Who failed, by the platform's names: pod, container, host, actor, service, process and their like.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, String>"))]
    who: Map<String, Value>,
    /// device or host.
    #[cfg_attr(test, schemars(extend("enum" = ["device", "host"])))]
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
    #[cfg_attr(test, schemars(extend("enum" = phases())))]
    phase: Option<&'static str>,
    /// The user's own frame.
    frame: Option<FrameReport>,
    /// How many times it was seen, the first included.
    repeats: u64,
    /// The last step printed before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    /// The numbers, by key.
    #[cfg_attr(
        test,
        schemars(with = "std::collections::BTreeMap<String, FactReport>")
    )]
    #[cfg_attr(test, schemars(extend("propertyNames" = json!({"enum": Key::ALL.map(Key::name)}))))]
    facts: Map<String, Value>,
    /// The processes that the message lists.
    processes: Vec<ProcessReport>,
    /// What the log shows to be set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<SettingReport>,
    /// How much was missing.
    shortfall: Option<Interval>,
    /// Why, surest first.
    causes: Vec<CauseReport>,
    /// What helps, best first.
    fixes: Vec<FixReport>,
    /// What the same command does if it is run again unchanged: useless (it fails again), maybe, or once-free (it passes as
    /// soon as others have left the GPU).
    #[cfg_attr(test, schemars(extend("enum" = Rerun::ALL.map(Rerun::name))))]
    rerun: &'static str,
    /// Lines of the program's own source that may be the reason, where they were looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clues: Vec<ClueReport>,
    /// What else to know, as sentences.
    notes: Vec<String>,
    /// Who held the GPU, where a memory snapshot tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<HoldingsReport>,
    /// What the process held by the names in its Python, where a census tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    census: Option<CensusReport>,
    /// What the GPUs said of it when the report was made, with `--live`.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Now>,
}

impl From<&Judged> for CauseReport {
    fn from(judged: &Judged) -> Self {
        Self {
            cause: judged.finding.cause.name(),
            finding: judged.finding.id.name(),
            url: None,
            confidence: judged.verdict.confidence.name(),
            finding_confidence: judged.finding_confidence().name(),
            measured: judged.verdict.measured.map(MeasuredReport::from),
            because: judged.verdict.because.clone(),
            settle: judged.verdict.settle.clone(),
        }
    }
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
        let (fixes, change) = (explained.fixes.iter(), change(explained));
        let who = incident.who.iter().filter(|(part, _)| *part != Part::Test);
        let who = who.map(|(part, name)| (part.name().to_owned(), json!(name)));
        Self {
            title: view::headline(explained, usize::MAX),
            summary: view::one_sentence(explained),
            source: incident.place.source.clone(),
            line: incident.place.line.max(1),
            offset: incident.offset,
            url: None,
            counts: incident.counts(),
            caught: incident.caught,
            test: incident.who.get(Part::Test).map(str::to_owned),
            who: who.collect(),
            memory: match incident.memory {
                Memory::Device => "device",
                Memory::Host => "host",
            },
            framework: incident.framework.name(),
            format: incident.format.name(),
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
            settings: settings_of(incident),
            processes: incident.processes.iter().map(ProcessReport::from).collect(),
            shortfall: explained.balance.shortfall.map(Interval::from),
            causes: explained.causes.iter().map(CauseReport::from).collect(),
            fixes: fixes
                .map(|ranked| FixReport::of(ranked, change, knob(explained, ranked)))
                .collect(),
            rerun: explained.rerun.name(),
            clues: incident.clues.iter().map(ClueReport::from).collect(),
            notes: explained.notes.clone(),
            snapshot: incident.holdings.as_deref().map(HoldingsReport::from),
            census: incident.census.as_deref().map(CensusReport::from),
            live: explained.now.clone(),
        }
    }
}

/// One failure, with no more fixes than asked for.
pub(in crate::report) fn incident(explained: &Explained, options: &Options) -> IncidentReport {
    let mut incident = IncidentReport::from(explained);
    if let Some(most) = options.fixes {
        incident.fixes.truncate(most);
    }
    if let Some(pages) = &options.pages {
        let (causes, fixes) = (incident.causes.iter_mut(), incident.fixes.iter_mut());
        causes.for_each(|cause| cause.url = pages.of(cause.finding));
        fixes.for_each(|fix| fix.url = pages.of(fix.fix));
    }
    incident.counts = options.fails(explained);
    let root = options.repo_root.as_deref();
    incident.url = options.links.of(&explained.incident, root);
    incident.known = options.compared.knows(&incident.fingerprint);
    incident
}

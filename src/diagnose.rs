//! The pipeline: raw bytes to a log, and a log to failures with causes and fixes. The same bytes give the same diagnosis,
//! whatever their chunks, and nothing is read or printed here.
//!
//! What is known comes together before anything is judged: the log, what other ranks of its job say ([`crate::jobs`]), what the
//! GPUs say. Then each failure is judged once.

mod batch;
mod beginning;
mod custom;
mod growing;
mod of_census;
mod of_snapshot;
mod prepared;
mod reader;
mod rules;
mod team;
mod window;

use std::collections::BTreeSet;

use crate::evidence::{
    AtFailure, Balance, Card, Devices, Holdings, Incident, Now, Series, Settings, Skew, Visible,
    Watched,
};
use crate::findings::{self, Case, Cause, Finding, Judged, Rerun};
use crate::fixes::{self, Ranked, Situation};
use crate::log::{Log, Outcome};
use crate::place::Place;
pub use crate::readings::Pattern;
pub use custom::Custom;
pub(crate) use growing::{News, Repeat};
pub use reader::Reader;
pub use rules::{Advice, AdviceRule, Listed, MessageRule, Rules, When, Wrong};

/// One failure with its explanation.
#[derive(Clone)]
pub struct Explained {
    /// The failure.
    pub incident: Incident,
    /// Its arithmetic.
    pub balance: Balance,
    /// Why it happened, surest first. Never empty in a report.
    pub causes: Vec<Judged>,
    /// What helps, best first.
    pub fixes: Vec<Ranked>,
    /// What the same command does if it is run again unchanged.
    pub rerun: Rerun,
    /// What else a person should know, as sentences.
    pub notes: Vec<String>,
    /// What the GPUs say of it now, where they were asked.
    pub now: Option<Now>,
    /// Its fingerprint, where the names that it is made of were taken out since.
    pub fingerprint: Option<String>,
}

/// All that one input says.
#[derive(Clone)]
pub struct Diagnosis {
    /// The input as the user named it.
    pub source: String,
    /// How many bytes were read.
    pub bytes: u64,
    /// False where the input was cut short; the reason is in `problem`.
    pub complete: bool,
    /// What kept the input from being read to its end.
    pub problem: Option<String>,
    /// What the bytes are, where they are no plain text.
    pub remark: Option<String>,
    /// The failures, in the order of the input.
    pub incidents: Vec<Explained>,
    /// The memory readings.
    pub series: Vec<Series>,
    /// What the log shows to be set.
    pub settings: Settings,
    /// The cards whose size the log tells beside its readings, each once.
    pub cards: Vec<Card>,
    /// The GPUs as they are now, where they were asked.
    pub live: Option<Devices>,
    /// The ranks that its lines name.
    pub ranks: BTreeSet<u32>,
    /// The first line that only tells what followed from a failure; of other ranks, where nothing failed here.
    pub followed: Option<u64>,
    /// Where failures of this input are told, since other inputs of its job hold them too.
    pub joined: Vec<Place>,
    /// Who held the GPUs on which nothing failed, where the input is a memory snapshot.
    pub holdings: Vec<Holdings>,
    /// The ranks of its job beside each other, where each left a memory snapshot and this is the first of them.
    pub skew: Option<Skew>,
}

/// What the GPUs say, for failures that are to be judged with it.
#[derive(Clone, Copy)]
pub struct Gpus<'a> {
    devices: &'a Devices,
    visible: &'a Visible,
    watched: Option<&'a Watched>,
}

impl<'a> Gpus<'a> {
    /// The GPUs as they are now, and which of them a program started here sees.
    pub fn now(devices: &'a Devices, visible: &'a Visible) -> Self {
        Self {
            devices,
            visible,
            watched: None,
        }
    }

    /// The last that was seen of them while the program ran; `None` where nothing was.
    pub fn watched(watched: &'a Watched, visible: &'a Visible) -> Option<Self> {
        let devices = watched.last.as_ref()?;
        Some(Self {
            devices,
            visible,
            watched: Some(watched),
        })
    }

    /// Who held the device at this failure, where the program was watched.
    fn at_failure(&self, incident: &Incident, balance: &Balance, first: bool) -> Option<AtFailure> {
        AtFailure::of(incident, balance, self.watched?, self.visible, first)
    }

    /// What the GPUs say of this failure; `None` where they could not be read.
    fn of(&self, incident: &Incident, balance: &Balance) -> Option<Now> {
        if self.devices.problem.is_some() {
            return None;
        }
        Now::of(incident, balance, self.devices, self.visible, self.watched)
    }
}

impl Diagnosis {
    /// Judges each failure of a log, once, by the log and by what the GPUs say, where they were asked.
    pub fn of(log: Log, gpus: Option<&Gpus<'_>>) -> Self {
        Self::with(log, gpus, &Rules::default())
    }

    /// The same with the user's own findings and advice.
    pub fn with(log: Log, gpus: Option<&Gpus<'_>>, rules: &Rules) -> Self {
        let live = gpus.map(|gpus| gpus.devices.clone());
        let explained = |number: usize, incident, series: &[Series]| {
            // What was watched is the moment of the first failure.
            explain(incident, series, gpus, (number == 0, rules))
        };
        Self {
            live,
            ..Self::each(log, explained)
        }
    }

    /// The failures of a log as they are, for who only counts them.
    pub(crate) fn unexplained(log: Log) -> Self {
        Self::each(log, |_, incident, _| Explained {
            balance: Balance::of(&incident),
            incident,
            causes: Vec::new(),
            fixes: Vec::new(),
            rerun: Rerun::Maybe,
            notes: Vec::new(),
            now: None,
            fingerprint: None,
        })
    }

    /// A log with its failures, each explained by its number and the readings.
    fn each(log: Log, explained: impl Fn(usize, Incident, &[Series]) -> Explained) -> Self {
        let Outcome {
            bytes,
            problem,
            remark,
        } = log.outcome;
        let incidents = log.incidents.into_iter().enumerate();
        let incidents = incidents.map(|(number, one)| explained(number, one, &log.series));
        Self {
            incidents: incidents.collect(),
            source: log.source,
            bytes,
            complete: problem.is_none(),
            problem,
            remark: remark.map(str::to_owned),
            series: log.series,
            settings: log.settings,
            cards: log.cards,
            live: None,
            ranks: log.ranks,
            followed: log.followed,
            joined: log.joined,
            holdings: log.holdings,
            skew: log.skew,
        }
    }

    /// The diagnosis of an input of several parts, as those of an archive: failures and readings keep the names of their parts.
    pub fn of_parts(source: &str, parts: Vec<Self>) -> Self {
        let mut whole = Self::of(Log::default(), None);
        source.clone_into(&mut whole.source);
        for part in parts {
            whole.bytes = whole.bytes.saturating_add(part.bytes);
            whole.complete &= part.complete;
            whole.problem = whole.problem.or(part.problem);
            whole.remark = whole.remark.or(part.remark);
            whole.incidents.extend(part.incidents);
            whole.series.extend(part.series);
            whole.settings.complete(&part.settings);
            whole.cards.extend(part.cards);
            whole.ranks.extend(part.ranks);
            whole.followed = whole.followed.or(part.followed);
            whole.joined.extend(part.joined);
            whole.holdings.extend(part.holdings);
            whole.skew = whole.skew.or(part.skew);
        }
        whole
    }

    /// Who held the GPUs, those first on which something failed, where a memory snapshot tells.
    pub fn all_holdings(&self) -> impl Iterator<Item = &Holdings> {
        let failed = self.incidents.iter();
        let failed = failed.filter_map(|explained| explained.incident.holdings.as_deref());
        failed.chain(&self.holdings)
    }
}

/// Diagnoses one text: a pasted message, a traceback, a log.
///
/// ```
/// let text = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of \
///     139.80 GiB of which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. \
///     Of the allocated memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.";
/// let diagnosis = whyoom::diagnose("pasted", text.as_bytes());
/// assert_eq!(diagnosis.incidents[0].causes[0].finding.cause.name(), "exhaustion");
/// ```
pub fn diagnose(source: &str, raw: &[u8]) -> Diagnosis {
    let mut reader = Reader::new(source);
    reader.push(raw);
    Diagnosis::of(reader.whole(), None)
}

/// Judges one failure and ranks what helps.
fn explain(
    mut incident: Incident,
    series: &[Series],
    gpus: Option<&Gpus<'_>>,
    (first, rules): (bool, &Rules),
) -> Explained {
    let balance = Balance::of(&incident);
    incident.at_failure = gpus.and_then(|gpus| gpus.at_failure(&incident, &balance, first));
    let now = gpus.and_then(|gpus| gpus.of(&incident, &balance));
    let case = Case {
        incident: &incident,
        balance: &balance,
        series,
        now: now.as_ref(),
    };
    let mut causes = findings::judge(&case);
    let built_in = causes.first().map(|best| best.finding);
    rules.judge(&case, &mut causes);
    let notes = findings::notes::notes(&case);
    let best = causes.first();
    let rerun = best.map_or(Rerun::Maybe, |best| Rerun::of(&case, best));
    let mut fixes = match (best, built_in) {
        // Beside the user's own word, what helps with the same cause still does.
        (Some(best), Some(built_in))
            if [best.finding.cause, Cause::Unknown].contains(&built_in.cause) =>
        {
            helping(built_in, &case, &causes)
        }
        _ => Vec::new(),
    };
    rules.advise(&case, &causes, &mut fixes);
    Explained {
        incident,
        balance,
        causes,
        fixes,
        rerun,
        notes,
        now,
        fingerprint: None,
    }
}

/// What helps with a built-in finding, best first.
fn helping(finding: &Finding, case: &Case<'_>, causes: &[Judged]) -> Vec<Ranked> {
    let situation = Situation {
        case: *case,
        finding: finding.id,
    };
    let mut fixes = fixes::rank(finding.fixes, &situation);
    let others = causes.iter().map(|judged| judged.finding.cause);
    let in_pieces = others.skip(1).any(|cause| cause == Cause::Fragmentation);
    if in_pieces && finding.cause == Cause::Exhaustion {
        fixes::add_free_test(&mut fixes, &situation);
    }
    fixes
}

/// What one rank's message says by itself: beside the others of its job that is evidence.
pub(crate) fn alone(incident: &Incident, series: &[Series]) -> Option<Judged> {
    let judged = findings::judge(&Case {
        incident,
        balance: &Balance::of(incident),
        series,
        now: None,
    });
    judged.into_iter().next()
}

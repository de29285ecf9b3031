//! The pipeline: raw bytes to failures with causes and fixes. The same bytes give the same diagnosis, whatever their
//! chunks, and nothing is read or printed here.

mod beginning;
mod growing;
mod of_snapshot;
mod reader;
mod window;

use std::collections::BTreeSet;

use regex::Regex;

use crate::evidence::{
    AtFailure, Balance, Card, Devices, Holdings, Incident, Now, Series, Settings, Visible, Watched,
};
use crate::findings::{self, Case, Cause, Judged};
use crate::fixes::{self, Ranked, Situation};
use crate::place::Place;
pub use crate::readings::Pattern;
use crate::scan::Wanted;
pub use growing::{News, Repeat};
pub use reader::Reader;

/// One failure with its explanation.
pub struct Explained {
    /// The failure.
    pub incident: Incident,
    /// Its arithmetic.
    pub balance: Balance,
    /// Why it happened, surest first. Never empty.
    pub causes: Vec<Judged>,
    /// What helps, best first.
    pub fixes: Vec<Ranked>,
    /// What else a person should know, as sentences.
    pub notes: Vec<String>,
    /// What the GPUs say of it now, where they were asked.
    pub now: Option<Now>,
    /// Its fingerprint, where the names that it is made of were taken out since.
    pub fingerprint: Option<String>,
}

/// All that one input says.
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
}

impl Diagnosis {
    /// Adds what another input says, as if it stood behind this one: both are parts of one.
    pub fn append(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.complete &= other.complete;
        self.problem = self.problem.take().or(other.problem);
        self.remark = self.remark.take().or(other.remark);
        self.incidents.extend(other.incidents);
        self.series.extend(other.series);
        self.settings.complete(&other.settings);
        self.cards.extend(other.cards);
        self.ranks.extend(other.ranks);
        self.followed = self.followed.or(other.followed);
        self.joined.extend(other.joined);
        self.holdings.extend(other.holdings);
    }

    /// Who held the GPUs, those first on which something failed, where a memory snapshot tells.
    pub fn all_holdings(&self) -> impl Iterator<Item = &Holdings> {
        let failed = self.incidents.iter();
        let failed = failed.filter_map(|explained| explained.incident.holdings.as_deref());
        failed.chain(&self.holdings)
    }

    /// Lets go of all that was found: what is left says which input this was and whether it was read to its end.
    pub fn forget(&mut self) {
        self.incidents = Vec::new();
        self.series = Vec::new();
        self.settings = Settings::default();
        self.cards = Vec::new();
        self.ranks = BTreeSet::new();
        self.joined = Vec::new();
        self.holdings = Vec::new();
    }

    /// Joins each failure of device memory with the GPUs as they are now, and ranks its fixes by them.
    pub fn join(&mut self, devices: &Devices, visible: &Visible) {
        self.join_with(devices, visible, None);
    }

    /// The same with the last that was seen of the GPUs while the program ran; nothing where nothing was.
    pub fn join_watched(&mut self, watched: &Watched, visible: &Visible) {
        let Some(devices) = &watched.last else { return };
        for (number, explained) in self.incidents.iter_mut().enumerate() {
            let (incident, balance) = (&explained.incident, &explained.balance);
            let seen = AtFailure::of(incident, balance, watched, visible, number == 0);
            if let Some(seen) = seen {
                let rivals = seen.rivals().next().is_some();
                // What was seen counts as evidence: the case is judged again with it.
                let mut incident = explained.incident.clone();
                incident.at_failure = Some(seen);
                *explained = explain(incident, &self.settings, &self.series);
                let causes = explained.causes.iter_mut();
                for judged in causes.filter(|j| rivals && j.finding.cause == Cause::Contention) {
                    // What would settle it, who else holds the device, has been seen.
                    judged.verdict.settle = None;
                }
            }
        }
        self.join_with(devices, visible, Some(watched));
    }

    fn join_with(&mut self, devices: &Devices, visible: &Visible, watched: Option<&Watched>) {
        for explained in &mut self.incidents {
            let (incident, balance) = (&explained.incident, &explained.balance);
            let now = Now::of(incident, balance, devices, visible, watched);
            if let Some(now) = &now {
                fixes::by_live(&mut explained.fixes, now, &explained.balance);
            }
            explained.now = now;
        }
        self.live = Some(devices.clone());
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
    reader.finish()
}

/// What a user adds to what is known of logs.
#[derive(Clone, Default)]
pub struct Custom {
    prefixes: Vec<Regex>,
    telemetry: Vec<Pattern>,
    user_paths: Vec<String>,
    wanted: Option<Wanted>,
}

impl Custom {
    /// Prefixes of lines, with the groups `rank` and `lane`; patterns of memory readings; parts of the paths of the user's
    /// own code. Make it once: what the patterns look for is kept for as long as the program runs.
    pub fn new(prefixes: Vec<Regex>, telemetry: Vec<Pattern>, user_paths: Vec<String>) -> Self {
        let literals = telemetry.iter().flat_map(Pattern::literals);
        let wanted = (!telemetry.is_empty()).then(|| Wanted::also(literals.map(String::as_str)));
        Self {
            prefixes,
            telemetry,
            user_paths,
            wanted,
        }
    }
}

/// Judges one failure and ranks what helps.
pub(crate) fn explain(mut incident: Incident, settings: &Settings, series: &[Series]) -> Explained {
    incident.settings.complete(settings);
    let balance = Balance::of(&incident);
    let case = Case {
        incident: &incident,
        balance: &balance,
        series,
    };
    let causes = findings::judge(&case);
    let notes = findings::notes::notes(&case);
    let fixes = causes.first().map_or_else(Vec::new, |best| {
        let situation = Situation {
            incident: &incident,
            balance: &balance,
            finding: best.finding.id,
        };
        let mut fixes = fixes::rank(best.finding.fixes, &situation);
        let in_pieces = causes
            .iter()
            .skip(1)
            .any(|c| c.finding.cause == Cause::Fragmentation);
        if in_pieces && best.finding.cause == Cause::Exhaustion {
            fixes::add_free_test(&mut fixes, &situation);
        }
        fixes
    });
    Explained {
        incident,
        balance,
        causes,
        fixes,
        notes,
        now: None,
        fingerprint: None,
    }
}

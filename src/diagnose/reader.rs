//! One input, as its chunks come: the pass finds what matters, and this gathers what it says.

use std::collections::BTreeSet;
use std::mem;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use super::beginning::Beginning;
use super::prepared::{Known, Prepared};
use super::team::Team;
use super::{Custom, Diagnosis};
use super::{of_census, of_snapshot};
use crate::buffers::BufferLog;
use crate::evidence::{Incident, Series, Settings};
use crate::incidents::{self, Folder};
use crate::log::{Log, Outcome};
use crate::readings::Collector;
use crate::scan::{Found, Scanner};
use crate::settings::Signs;
use crate::text::Member;
use crate::{readings, settings, text};

/// Diagnoses an input that comes in chunks. The diagnosis does not depend on where they are cut.
pub struct Reader {
    pub(super) scanner: Scanner,
    beginning: Beginning,
    pub(super) gathered: Gathered,
    /// How often each failure had been seen when it was last told, of those that were.
    pub(super) told: Vec<u64>,
    /// How many threads may work on it; `None` for one a core.
    threads: Option<NonZeroUsize>,
    /// How many bytes one thread has read.
    read: usize,
    /// Those that do, once the input is known to be large. They have the pass and what is gathered.
    team: Option<Team>,
}

/// An input of so many bytes is worth more threads than one.
const LARGE: usize = 4 << 20;

/// What the pass has handed over so far.
pub(super) struct Gathered {
    pub(super) known: Known,
    pub(super) incidents: Folder,
    settings: Settings,
    buffers: BufferLog,
    signs: Signs,
    /// What engines say of their own budgets, oldest first.
    accounts: Vec<Incident>,
    readings: Collector,
    for_failures: bool,
    /// How many more lines with readings may be read; `None` for all.
    allowed: Option<u64>,
    /// What the input's path tells of its writer.
    member: Option<Member>,
    ranks: BTreeSet<u32>,
    followed: Option<u64>,
}

impl Reader {
    /// A reader for one input, named as the user named it.
    pub fn new(source: &str) -> Self {
        Self::with(source, &Arc::default())
    }

    /// The same, with what the user adds.
    pub fn with(source: &str, custom: &Arc<Custom>) -> Self {
        let wanted = custom.wanted.map(Scanner::looking_for);
        Self {
            scanner: wanted.unwrap_or_default(),
            beginning: Beginning::default(),
            gathered: Gathered::of(source, custom),
            told: Vec::new(),
            threads: Some(NonZeroUsize::MIN),
            read: 0,
            team: None,
        }
    }

    /// The same with so many threads, where the input is large; `None` for one a core.
    pub fn on_threads(mut self, threads: Option<NonZeroUsize>) -> Self {
        self.threads = threads;
        self
    }

    /// The same, where every input is taken for a large one.
    #[cfg(test)]
    pub(super) fn in_team(mut self) -> Self {
        self.read = LARGE;
        self
    }

    /// The same, where nobody asks for the readings of a log in which nothing fails: they are not judged, which takes longer
    /// than to find them.
    pub fn for_failures(mut self) -> Self {
        self.gathered.for_failures = true;
        self
    }

    /// From here on, reads so many lines with readings and passes over those that follow, which takes a tenth of the time.
    /// Failures are found in either case. For who reads along while a program waits.
    pub fn allow_readings(&mut self, lines: u64) {
        self.gathered.allowed = Some(lines);
    }

    /// How many more lines with readings may be read; `None` for all.
    pub fn readings_allowed(&self) -> Option<u64> {
        self.gathered.allowed
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        for text in self.beginning.push(chunk) {
            self.text(&text);
        }
    }

    /// Takes what there is so far for the whole of it, where it is not known yet what the input is.
    pub(super) fn begin(&mut self) {
        if let Some(text) = self.beginning.settle() {
            self.text(&text);
        }
    }

    /// Takes the next bytes of a text.
    fn text(&mut self, text: &[u8]) {
        if let Some(team) = &mut self.team {
            team.push(text);
            return;
        }
        self.scanner
            .push(text, &mut |found| self.gathered.take(&found));
        self.read = self.read.saturating_add(text.len());
        if self.read < LARGE || self.threads == Some(NonZeroUsize::MIN) {
            return;
        }
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = *self.threads.get_or_insert_with(cores);
        if threads > NonZeroUsize::MIN && self.gathered.allowed.is_none() {
            let nothing = Gathered::of("", &self.gathered.known.custom);
            let gathered = mem::replace(&mut self.gathered, nothing);
            let scanner = mem::take(&mut self.scanner);
            self.team = Some(Team::of(threads.get(), scanner, gathered));
        }
    }

    /// Ends the work of several threads; what they had is back.
    pub(super) fn alone(&mut self) {
        self.threads = Some(NonZeroUsize::MIN);
        if let Some(team) = self.team.take() {
            let (scanner, gathered) = team.finish();
            self.scanner = scanner;
            if let Some(gathered) = gathered {
                self.gathered = gathered;
            }
        }
    }

    /// How many failures were found so far.
    pub fn failures(&self) -> usize {
        let known = self.gathered.incidents.so_far().len();
        self.team.as_ref().map_or(known, Team::failures)
    }

    /// Takes the end of the input, and how reading it went.
    pub fn finish(self, outcome: Outcome) -> Log {
        self.end(|_| outcome)
    }

    /// Takes the end of an input of which every byte was pushed as it is.
    pub fn whole(self) -> Log {
        self.end(|bytes| Outcome {
            bytes,
            ..Outcome::default()
        })
    }

    /// The diagnosis of such an input by itself.
    pub fn diagnose(self) -> Diagnosis {
        let custom = Arc::clone(&self.gathered.known.custom);
        Diagnosis::with(self.whole(), None, custom.rules())
    }

    fn end(mut self, outcome: impl FnOnce(u64) -> Outcome) -> Log {
        self.begin();
        self.alone();
        let bytes = self.scanner.finish(&mut |found| self.gathered.take(&found));
        match self.beginning {
            Beginning::Snapshot(reader) => {
                let snapshot = reader.finish();
                let outcome = outcome(snapshot.bytes);
                let own = &self.gathered.known.custom.user_paths;
                of_snapshot::log(&self.gathered.known.source, outcome, &snapshot, own)
            }
            Beginning::Census(census) => {
                let outcome = outcome(census.len());
                let own = &self.gathered.known.custom.user_paths;
                of_census::log(&self.gathered.known.source, outcome, &census, own)
            }
            _ => {
                let mut outcome = outcome(bytes);
                if never_written(&self.gathered.known.source, bytes) {
                    outcome
                        .problem
                        .get_or_insert_with(|| "it is cut off".to_owned());
                }
                self.gathered.whole(outcome)
            }
        }
    }
}

/// True for a file that is named as a memory snapshot and has no room for one: the disk was full, or the program was ended first.
fn never_written(source: &str, bytes: u64) -> bool {
    /// A pickle of an empty dictionary is as long.
    const LEAST: u64 = 5;
    let name = source
        .strip_suffix(".gz")
        .or_else(|| source.strip_suffix(".zst"));
    bytes < LEAST && name.unwrap_or(source).ends_with(".pickle")
}

impl Gathered {
    fn of(source: &str, custom: &Arc<Custom>) -> Self {
        let member = text::member(source);
        Self {
            known: Known {
                source: source.to_owned(),
                custom: Arc::clone(custom),
                timed: member.is_some(),
            },
            incidents: Folder::default(),
            settings: Settings::default(),
            buffers: BufferLog::default(),
            signs: Signs::default(),
            accounts: Vec::new(),
            readings: Collector::new(source),
            for_failures: false,
            allowed: None,
            member,
            ranks: BTreeSet::new(),
            followed: None,
        }
    }

    pub(super) fn take(&mut self, found: &Found<'_>) {
        match found {
            Found::Telemetry(number, raw) => {
                match &mut self.allowed {
                    Some(0) => return,
                    Some(left) => *left -= 1,
                    None => {}
                }
                let custom = &self.known.custom;
                if custom.reads_plainly() && self.readings.push_known(*number, raw) {
                    return;
                }
                for line in text::drawings(raw, *number, &custom.prefixes) {
                    self.readings.push_with(&line, &custom.telemetry);
                }
            }
            found => {
                let mut prepared = Vec::new();
                self.known.prepare(found, &mut prepared);
                for one in prepared {
                    self.add(one);
                }
            }
        }
    }

    /// Takes what a find says. They come in the order of the input.
    pub(super) fn add(&mut self, prepared: Prepared) {
        match prepared {
            Prepared::Window {
                signs,
                ranks,
                runs,
                accounts,
            } => {
                self.signs.add(signs);
                self.ranks.extend(ranks);
                self.keep(accounts);
                for run in runs {
                    self.incidents.push_run(run);
                }
            }
            Prepared::Reading(line) => {
                let own = &self.known.custom.telemetry;
                self.readings.push_alone(&line, own);
            }
            Prepared::Signs(signs) => self.signs.add(signs),
            Prepared::Setting(told) => {
                for setting in told.settings {
                    settings::keep(&mut self.settings, setting);
                }
                for buffer in told.buffers {
                    self.buffers.push(buffer);
                }
                if let (None, Some((line, rank))) = (self.followed, told.followed) {
                    self.followed = Some(line);
                    self.ranks.extend(rank);
                }
            }
        }
    }

    /// All that was found.
    fn whole(mut self, outcome: Outcome) -> Log {
        let incidents = mem::take(&mut self.incidents).finish();
        self.log(incidents, outcome)
    }

    /// These failures with all that is known so far.
    pub(super) fn log(&mut self, mut incidents: Vec<Incident>, outcome: Outcome) -> Log {
        let mut series = self.readings.series();
        self.name_ranks(&mut incidents, &mut series);
        if incidents.is_empty() && self.for_failures {
            series.clear();
        }
        series.iter_mut().for_each(readings::judge);
        let signs = self.signs.by_line();
        incidents::note_tests_left(&mut incidents);
        for incident in &mut incidents {
            signs.tell(incident, &self.settings);
            self.buffers.tell(incident);
            incidents::join_budgets(incident, &self.accounts);
            settings::complete(&mut incident.settings, &self.settings);
        }
        #[cfg(feature = "source")]
        crate::source::quote(&mut incidents);
        Log {
            source: self.known.source.clone(),
            outcome,
            incidents,
            series,
            settings: self.settings.clone(),
            cards: self.readings.cards(),
            ranks: self.ranks.clone(),
            followed: self.followed,
            joined: Vec::new(),
            holdings: Vec::new(),
            skew: None,
        }
    }

    /// Gives what names no rank the path's, or the only one that the lines name, which know better.
    fn name_ranks(&mut self, incidents: &mut [Incident], series: &mut [Series]) {
        self.ranks.extend(series.iter().filter_map(|s| s.rank));
        let Some(member) = self.member.as_ref().filter(|member| member.sure) else {
            return;
        };
        let mut named = self.ranks.iter();
        let rank = match (named.next(), named.next()) {
            (None, _) => member.rank,
            (Some(only), None) => *only,
            _ => return,
        };
        let silent = incidents.iter_mut().map(|incident| &mut incident.rank);
        for unnamed in silent.chain(series.iter_mut().map(|series| &mut series.rank)) {
            unnamed.get_or_insert(rank);
        }
    }

    /// Keeps what engines say of their budgets: a few lines a start and a rank.
    fn keep(&mut self, accounts: Vec<Incident>) {
        const MOST: usize = 1024;
        self.accounts.extend(accounts);
        if self.accounts.len() > MOST {
            self.accounts.drain(..self.accounts.len() - MOST / 2);
        }
    }
}

//! The neighbourhood of a failure: its lines by writer, and the failures in them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::iter;

use super::Custom;
#[cfg(feature = "source")]
use crate::evidence::Pasted;
use crate::evidence::{Incident, RunPlace};
use crate::incidents::{self, Tests};
use crate::messages::{Matcher, Recognized, Role};
use crate::readings::Places;
use crate::sorting;
use crate::text::{Lane, Line};
use crate::{stack, text};

/// A part of an input around a failure.
pub(super) struct Window<'a> {
    first_line: u64,
    raw: &'a [u8],
    /// Where it begins in the input, in bytes.
    offset: u64,
    lanes: &'a [Lane],
    /// Where each of its lines begins.
    starts: Vec<usize>,
    /// For each writer where in the run failures stand: the lines of one can tell that for many others.
    places: RefCell<Vec<Places>>,
}

/// What stands around the failures of one lane. What is found for one is kept for the next.
struct Around<'a> {
    window: &'a Window<'a>,
    lane: &'a Lane,
    /// Which writer it is.
    at: usize,
    stacks: Vec<stack::Found>,
    /// The writer who tells how far the whole job is, where the lines of one rank do not.
    job: Option<usize>,
    tests: Tests,
}

impl Around<'_> {
    /// Adds what the lines around a message say of the failure; with it the line where its stack begins.
    fn surround(&self, recognized: Recognized, user_paths: &[String]) -> (Incident, u64) {
        let Recognized {
            mut incident,
            first,
            ..
        } = recognized;
        let lines = &self.lane.lines;
        let begins =
            incidents::attach_stack(&mut incident, first, (&self.stacks, lines), user_paths);
        incidents::attach_report(&mut incident, (first, begins), lines, user_paths);
        incident.run = self.window.place(self.at, |_| begins);
        let begins_at = lines.get(begins).map_or(0, |line| line.number);
        if let Some(job) = self.job.filter(|_| incident.run.step.is_none()) {
            let end = |lines: &[Line]| lines.partition_point(|line| line.number < begins_at);
            incident.run = self.window.place(job, end);
        }
        incidents::note_evaluation(&mut incident, lines, begins);
        incidents::note_inference(&mut incident, lines, first);
        self.tests.name(&mut incident, self.lane, first);
        (incident, begins_at)
    }
}

impl<'a> Window<'a> {
    pub(super) fn new(first_line: u64, raw: &'a [u8], offset: u64, lanes: &'a [Lane]) -> Self {
        let ends = memchr::memchr_iter(b'\n', raw);
        Self {
            first_line,
            raw,
            offset,
            lanes,
            starts: iter::once(0).chain(ends.map(|end| end + 1)).collect(),
            places: RefCell::default(),
        }
    }

    /// Its failures by line, and what engines say in it of their own budgets. `timed` asks when each failure happened.
    pub(super) fn read(
        &self,
        source: &str,
        custom: &Custom,
        timed: bool,
    ) -> (Vec<Incident>, Vec<Incident>) {
        let matcher = Matcher::with(source, custom.rules.messages());
        let (mut incidents, mut accounts) = (Vec::new(), Vec::new());
        for (at, lane) in self.lanes.iter().enumerate() {
            self.read_lane(
                (at, lane),
                &matcher,
                custom,
                (&mut incidents, &mut accounts),
            );
        }
        if timed {
            let times = text::Times::of(self.raw, self.first_line);
            for incident in &mut incidents {
                incident.when = times.around(incident.place.line);
            }
        }
        for incident in &mut incidents {
            incident.offset = self.offset_of(incident.place.line);
        }
        incidents::name_workers(&mut incidents, self.lanes, self.raw);
        incidents::look_around(&mut incidents, self.lanes, self.raw);
        incidents::drop_sent(&mut incidents, self.lanes);
        incidents::mark_same_job(&mut incidents, self.lanes);
        incidents::attach_consequences(&mut incidents, self.lanes);
        sorting::by_key(&mut incidents, |incident| incident.place.line);
        self.borrow_stacks(&mut incidents, &custom.user_paths);
        #[cfg(feature = "source")]
        self.attach_code(&mut incidents);
        (incidents, accounts)
    }

    /// Ranks of a job run the same program: a message without a stack gets the one that another rank printed right below it. Who pastes
    /// a few lines pastes one failure.
    fn borrow_stacks(&self, incidents: &mut [Incident], user_paths: &[String]) {
        let [incident] = incidents else {
            return;
        };
        if self.lanes.len() < 2 || !incident.traceback.frames.is_empty() {
            return;
        }
        let own = incident.place.line;
        let others = self.lanes.iter().filter(|lane| lane.rank != incident.rank);
        for lane in others {
            let stacks = stack::read(&lane.lines);
            let line = |index: usize| lane.lines.get(index).map(|line| line.number);
            let below = |found: &&stack::Found| {
                line(found.first).is_some_and(|at| at > own && at <= own + incidents::PASTED_BELOW)
            };
            if let Some(found) = stacks.iter().find(below) {
                incidents::take_stack(incident, found, user_paths);
                return;
            }
        }
    }

    /// Gives failures the code that stands beside them. Who pastes code pastes one failure, or the same a few times; the log of a
    /// cluster holds none, and is not looked through.
    #[cfg(feature = "source")]
    fn attach_code(&self, incidents: &mut [Incident]) {
        const FEW: usize = 4;
        const LARGE: usize = 1 << 18;
        if incidents.is_empty() || incidents.len() > FEW || self.raw.len() > LARGE {
            return;
        }
        let lanes = self.lanes.iter();
        let blocks = lanes.flat_map(|lane| text::pasted::blocks(&lane.lines));
        let pasted = blocks.filter_map(|block| {
            let (line, _) = *block.first()?;
            let lines: Vec<String> = block.into_iter().map(|(_, text)| text).collect();
            Some(Pasted {
                line,
                text: lines.join("\n"),
            })
        });
        let pasted: Vec<Pasted> = pasted.collect();
        for incident in incidents {
            incident.pasted.clone_from(&pasted);
        }
    }

    fn read_lane(
        &self,
        (at, lane): (usize, &Lane),
        matcher: &Matcher<'_>,
        custom: &Custom,
        (incidents, accounts): (&mut Vec<Incident>, &mut Vec<Incident>),
    ) {
        // Ten thousand messages may stand on one long line: it is judged once.
        let mut judged: Option<(usize, bool)> = None;
        let mut silence = None;
        let mut silent = |first: usize| {
            let known = judged.filter(|(line, _)| *line == first);
            let silence = silence.get_or_insert_with(|| incidents::Silence::of(&lane.lines));
            let silent = known.map_or_else(|| silence.holds(first), |(_, silent)| silent);
            judged = Some((first, silent));
            silent
        };
        // In place: where a message repeats, each copy of the list takes several megabytes.
        let mut recognized = matcher.find(lane);
        incidents::drop_announced(&mut recognized, &lane.lines);
        recognized.retain(|s| s.role != Role::Noise && !silent(s.first));
        let own = recognized.extract_if(.., |s| incidents::is_budget(s));
        accounts.extend(own.map(|s| s.incident));
        if recognized.is_empty() {
            return;
        }
        let raw = |number| self.raw_line(number);
        let mut handled = incidents::Handled::new(&lane.lines, &raw);
        // The same words on the same line, as often as they like, have the same surroundings.
        let mut last: Option<(Incident, Incident)> = None;
        let around = Around {
            window: self,
            lane,
            at,
            stacks: stack::read(&lane.lines),
            job: self.job_of(lane),
            tests: Tests::of(&lane.lines),
        };
        let joined = incidents::join_evidence(recognized, &lane.lines);
        incidents.reserve(joined.len());
        let mut joined = joined.into_iter().peekable();
        while let Some(recognized) = joined.next() {
            if let Some((_, same)) = last.as_ref().filter(|(l, _)| *l == recognized.incident) {
                incidents.push(same.clone());
                continue;
            }
            let again = joined
                .peek()
                .is_some_and(|next| next.incident == recognized.incident);
            let bare = again.then(|| recognized.incident.clone());
            let (mut incident, begins) = around.surround(recognized, &custom.user_paths);
            handled.mark(&mut incident, begins);
            let own = incident.place.line;
            let line = self.raw_line(own).unwrap_or_default();
            incidents::name_writer(&mut incident, &text::without_escapes(&line));
            incidents::name_test_worker(&mut incident, &raw);
            last = bare.map(|bare| (bare, incident.clone()));
            incidents.push(incident);
        }
    }

    /// Whose lines tell how far all ranks are: since 2.4 `PyTorch` puts "[rank3]: " before what a failing rank prints, and nothing
    /// before a bar (torch/distributed/elastic). On Ray the driver of verl counts the steps of its workers.
    fn job_of(&self, lane: &Lane) -> Option<usize> {
        let driver = |name: &str| ["TaskRunner", "main_task"].iter().any(|d| name.contains(d));
        let counts = |other: &&Lane| match lane.rank {
            // Both can stand behind the same name of a container.
            Some(_) => other.rank.is_none() && (other.name == lane.name || other.name.is_empty()),
            None => driver(&other.name),
        };
        let ray = lane.rank.is_some() || lane.name.is_empty() || lane.name.contains("pid=");
        self.lanes.iter().position(|other| ray && counts(&other))
    }

    /// Where in the run the last of a writer's lines before the index `end` stands.
    fn place(&self, writer: usize, end: impl Fn(&[Line]) -> usize) -> RunPlace {
        let mut places = self.places.borrow_mut();
        places.resize_with(self.lanes.len(), Places::default);
        let both = places.get_mut(writer).zip(self.lanes.get(writer));
        both.map_or_else(RunPlace::default, |(places, lane)| {
            places.before(&lane.lines, end(&lane.lines))
        })
    }

    /// The text of a line as it stands in the log, prefixes and all.
    fn raw_line(&self, number: u64) -> Option<Cow<'a, str>> {
        let index = usize::try_from(number.checked_sub(self.first_line)?).ok()?;
        let line = self.raw.get(*self.starts.get(index)?..)?;
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let line = line.get(..end)?;
        // What replaces bytes that are no text looks at each by itself.
        let text = str::from_utf8(line).map(Cow::Borrowed);
        Some(text.unwrap_or_else(|_| String::from_utf8_lossy(line)))
    }

    /// Where a line begins in the input, in bytes.
    fn offset_of(&self, line: u64) -> Option<u64> {
        let lines = usize::try_from(line.saturating_sub(self.first_line)).ok()?;
        let start = self.starts.get(lines)?;
        Some(self.offset + u64::try_from(*start).ok()?)
    }
}

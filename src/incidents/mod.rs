//! Which sightings are one failure: tables and stacks join their message, repeats and echoes fold into one incident.

use crate::evidence::{Incident, Part};
use crate::text::{Lane, Words};
use absorb::absorb;
use alike::{
    attempt, bare_of_test, cut_copy, figures, heads, killed_again, place, rank_alike, said_again,
    same_line, same_words, writer, writer_alike,
};
use consequences::MOST_CONSEQUENCES;
use std::collections::BTreeMap;

mod absorb;
mod alike;
mod budget;
mod builders;
mod caught;
mod consequences;
mod echo;
mod evaluated;
mod headings;
mod held_twice;
mod host_reading;
mod job;
mod killers;
mod kills;
mod leftover;
mod moment;
mod quotes;
mod report;
mod requested_memory;
mod run;
mod runners;
mod side_by_side;
mod sightings;
mod source_above;
mod stacks;
mod summary;
mod surroundings;
mod tested;
mod who;

pub(crate) use budget::{is_budget, join_budgets};
pub(crate) use caught::Handled;
pub(crate) use consequences::attach as attach_consequences;
pub(crate) use evaluated::{note as note_evaluation, note_inference};
pub(crate) use held_twice::drop_announced;
pub(crate) use job::{add, attach, failed_alike, follows, on_one_device, speaks_after, told_twice};
pub(crate) use killers::drop_sent;
pub(crate) use leftover::note as note_tests_left;
pub(crate) use run::Run;
pub(crate) use runners::Silence;
pub(crate) use sightings::join_evidence;
pub(crate) use stacks::{PASTED_BELOW, attach_report, attach_stack, take_stack};
pub(crate) use surroundings::look_around;
pub(crate) use tested::Tests;
pub(crate) use who::{name as name_writer, name_test_worker, name_workers};

/// Marks the listed processes that other lines of the log name as part of the same job: launchers, Ray and spawn write
/// "pid: 1079", "pid=1079" or "process 1079" of what they started.
pub(crate) fn mark_same_job(incidents: &mut [Incident], lanes: &[Lane]) {
    let others = incidents
        .iter_mut()
        .flat_map(|i| &mut i.processes)
        .filter(|p| !p.own);
    // A log can list one process thousands of times.
    let mut known: BTreeMap<u32, Named> = BTreeMap::new();
    for process in others {
        let Some(pid) = process.pid else { continue };
        let named = known.entry(pid).or_insert_with(|| Named::of(pid, lanes));
        process.same_job = named.as_writer || named.lines.iter().any(|line| *line != process.line);
    }
}

/// Where a process is named.
struct Named {
    as_writer: bool,
    /// The numbers of the first two lines.
    lines: Vec<u64>,
}

impl Named {
    fn of(pid: u32, lanes: &[Lane]) -> Self {
        let words = [
            format!("pid: {pid})"),
            format!("pid={pid}"),
            format!("process {pid} "),
            format!("PID {pid}"),
        ];
        let words = Words::new(&words.each_ref().map(String::as_str));
        let mut lines = Vec::new();
        for line in lanes.iter().flat_map(|lane| &lane.lines) {
            if lines.len() < 2 && !lines.contains(&line.number) && words.stand_in(&line.text) {
                lines.push(line.number);
            }
        }
        Self {
            as_writer: lanes.iter().any(|lane| words.stand_in(&lane.name)),
            lines,
        }
    }
}

/// So many of the last failures are asked whether a kill is theirs.
const MOST_ASKED: usize = 16;
/// So many failures before a runner's summary are asked whether a line of it is theirs.
const MOST_SUMMED_UP: usize = 512;

/// How many lines after a failure a consequence of it may stand.
const ECHO_REACH: u64 = 400;

/// Folds repeats, retries and echoes of one failure into its first sighting, as they come.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    incidents: Vec<Incident>,
    /// Where each print and each place of failure was seen first: logs hold thousands of failures.
    known: BTreeMap<String, usize>,
}

impl Folder {
    /// Takes the next failure in the order of the input. Returns which one it is, where its own words tell that, and not what
    /// stands near.
    fn push(&mut self, incident: Incident) -> Option<usize> {
        let last = self.incidents.len().checked_sub(1);
        if last
            .and_then(|at| self.incidents.get(at))
            .is_some_and(|e| same_words(e, &incident) || same_line(e, &incident))
        {
            return None;
        }
        if let Some(report) = last.and_then(|at| self.incidents.get_mut(at))
            && report::tells_of(report, &incident)
        {
            report::end_in(report, incident);
            return None;
        }
        if self.has_a_title(&incident) || incident.summary && self.repeats_a_test(&incident) {
            return None;
        }
        if incident.kill.is_some() {
            self.push_kill(incident);
            return None;
        }
        let keys: Vec<String> = [
            figures(&incident),
            place(&incident),
            attempt(&incident),
            bare_of_test(&incident),
        ]
        .into_iter()
        .flatten()
        .collect();
        let of_test = of_test(&incident);
        let alike = self.alike(&incident, &keys, &of_test);
        let of_a_job = rank_alike(&incident).or_else(|| writer_alike(&incident));
        let of_the_job = self.of_the_job(&incident, of_a_job.as_ref());
        let follows = |at: &usize| {
            self.incidents.get(*at).is_some_and(|e| {
                echo::follows(e, &incident)
                    || echo::of_one_crash(e, &incident)
                    || echo::same_commit(e, &incident)
                    || retry(e, &incident)
                    || said_again(e, &incident)
                    || cut_copy(e, &incident)
                    || killed_again(e, &incident)
                    || report::logged_before(e, &incident)
            })
        };
        let follows = |at: &usize| follows(at) && !self.is_of_another_test(*at, &incident);
        let at = alike.or(of_the_job).or_else(|| last.filter(follows));
        if let Some(earlier) = at.and_then(|at| self.incidents.get_mut(at)) {
            absorb(earlier, &incident);
        } else {
            self.incidents.push(incident);
        }
        let at = at.unwrap_or(self.incidents.len().saturating_sub(1));
        for key in keys.into_iter().chain(of_a_job) {
            if let Some(key) = of_test(&key) {
                self.known.entry(key).or_insert(at);
            }
            self.known.entry(key).or_insert(at);
        }
        alike
    }

    /// The failure of another rank or pod of the same job.
    fn of_the_job(&self, incident: &Incident, key: Option<&String>) -> Option<usize> {
        let at = *self.known.get(key?)?;
        let earlier = self.incidents.get(at)?;
        let another = match incident.rank {
            Some(rank) => earlier.rank != Some(rank) && !earlier.shares.name(rank),
            None => writer(earlier) != writer(incident),
        };
        another.then_some(at)
    }

    /// True where the last failure is the heading of this one, or what a library of another rank said in the same crash: this one is
    /// kept in its place.
    fn has_a_title(&mut self, whole: &Incident) -> bool {
        let at = self.incidents.len().saturating_sub(1);
        let Some(title) = self
            .incidents
            .last_mut()
            .filter(|title| heads(title, whole) || echo::goes_before(title, whole))
        else {
            return false;
        };
        let mut whole = whole.clone();
        whole.settings.complete(&title.settings);
        whole.echoes.push(title.place.line);
        whole.echoes.append(&mut title.echoes);
        let keys = [figures(&whole), place(&whole), rank_alike(&whole)];
        *title = whole;
        for key in keys.into_iter().flatten() {
            self.known.entry(key).or_insert(at);
        }
        true
    }

    /// The failure that is known by one of these keys. Two tests that fail at one place of the program are two failures: a baseline
    /// has one of them, and the other is new.
    fn alike(
        &self,
        incident: &Incident,
        keys: &[String],
        of_test: &dyn Fn(&String) -> Option<String>,
    ) -> Option<usize> {
        keys.iter().find_map(|key| {
            let known = of_test(key).and_then(|key| self.known.get(&key).copied());
            let any = || self.known.get(key).copied();
            known.or_else(|| any().filter(|at| !self.is_of_another_test(*at, incident)))
        })
    }

    /// True where both name a test, and not the same; or a command, and neither tells its place.
    fn is_of_another_test(&self, at: usize, later: &Incident) -> bool {
        let Some(earlier) = self.incidents.get(at) else {
            return false;
        };
        let both = |part| earlier.who.get(part).zip(later.who.get(part));
        if let Some((one, other)) = both(Part::Test) {
            return !summary::same_test(one, other);
        }
        let placeless = earlier.frame.is_none() && later.frame.is_none();
        placeless && both(Part::Program).is_some_and(|(one, other)| one != other)
    }

    /// Takes a line of a runner's summary as an echo of the failure that its test reported; false where none did.
    fn repeats_a_test(&mut self, line: &Incident) -> bool {
        let earlier = self.incidents.iter_mut().rev().take(MOST_SUMMED_UP);
        let same = earlier.into_iter().find(|e| summary::is_of(line, e));
        if let Some(earlier) = same {
            earlier.who.join(&line.who);
            earlier.echoes.push(line.place.line);
            return true;
        }
        false
    }

    /// Takes the next witness of a kill. What it belongs to need not stand last: other ranks fail in between.
    fn push_kill(&mut self, incident: Incident) {
        let near = self.incidents.iter_mut().rev().take(MOST_ASKED);
        let same = near.into_iter().find(|e| kills::same(e, &incident));
        if let Some(earlier) = same {
            if said_again(earlier, &incident)
                && earlier.who == incident.who
                && !kills::told_on(earlier, &incident)
            {
                earlier.repeats += 1;
            }
            kills::join(earlier, incident);
            return;
        }
        let near = self.incidents.iter_mut().rev().take(MOST_ASKED);
        if let Some(earlier) = near.into_iter().find(|e| kills::ends(e, &incident)) {
            absorb(earlier, &incident);
            return;
        }
        self.incidents.push(incident);
    }

    /// The failures so far, each once, in the order in which they were first seen.
    pub(crate) fn so_far(&self) -> &[Incident] {
        &self.incidents
    }

    /// The failures, each once.
    pub(crate) fn finish(self) -> Vec<Incident> {
        self.incidents
    }
}

/// Turns a key into that of the same test or command, where one is named.
fn of_test(incident: &Incident) -> impl Fn(&String) -> Option<String> + use<> {
    let who = &incident.who;
    let whose = who.get(Part::Test).or_else(|| who.get(Part::Program));
    let whose = whose.map(str::to_owned);
    move |key| whose.as_ref().map(|whose| format!("{key} of {whose}"))
}

/// Failed again while the first failure was being handled.
fn retry(earlier: &Incident, later: &Incident) -> bool {
    later.traceback.chained
        && earlier.format == later.format
        && earlier.rank == later.rank
        && near(earlier, later)
}

fn near(earlier: &Incident, later: &Incident) -> bool {
    let last = earlier.echoes.last().copied().unwrap_or(earlier.place.line);
    later.place.line.saturating_sub(last) <= ECHO_REACH
}

#[cfg(test)]
mod tests {
    use crate::diagnose;

    const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total \
        capacity of 79.15 GiB of which 1.20 GiB is free. Including non-PyTorch memory, this process has 77.90 GiB memory \
        in use. Of the allocated memory 70.40 GiB is allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but \
        unallocated.";

    fn repeats(text: &str) -> Vec<u64> {
        diagnose("t", text.as_bytes())
            .incidents
            .iter()
            .map(|e| e.incident.repeats)
            .collect()
    }

    #[test]
    fn the_same_print_again_is_the_same_failure() {
        assert_eq!(
            repeats(&format!("{MESSAGE}\nretrying\n{MESSAGE}\n{MESSAGE}")),
            [3]
        );
    }

    #[test]
    fn other_figures_elsewhere_are_another_failure() {
        let other = MESSAGE.replace("2.00 GiB", "3.00 GiB");
        assert_eq!(repeats(&format!("{MESSAGE}\nnext job\n{other}")), [1, 1]);
    }
}

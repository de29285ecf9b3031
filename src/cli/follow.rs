//! `--follow`: inputs that grow, each failure reported as soon as it is complete. Ctrl-C is the normal end of it.

use std::io::stdout;
use std::os::fd::AsFd;
use std::slice;
use std::time::{Duration, Instant};

use super::environment::Environment;
use super::exit::Exit;
use super::gates::{GateArgs, size_unknown};
use super::interrupt::Interrupt;
use super::live::ProbeArgs;
use super::reports::{Chosen, Reports};
use crate::bytes::human;
use crate::compare::margin::Room;
use crate::diagnose::{Diagnosis, Gpus, News, Reader, Repeat};
use crate::error::Error;
use crate::evidence::Tells;
use crate::input::{self, Seen, Tail};
use crate::jobs::{Growing, Retold};
use crate::report::redact::Redactor;
use crate::report::{self, Options, margin};
use crate::session::Input;

/// How often files are asked whether they grew.
const TICK: Duration = Duration::from_millis(250);
/// A failure is complete when so long no other one followed it: tables, chained exceptions and the messages of other ranks
/// come in the same moment.
const QUIET: Duration = Duration::from_millis(500);
/// Where failures follow each other without a pause, they are reported after so long.
const LONGEST: Duration = Duration::from_secs(3);

/// What is asked of the report.
pub(super) struct Wish<'a> {
    /// How to write it, and where; none where only the exit code is wanted.
    pub(super) reports: Reports,
    pub(super) options: Options,
    pub(super) redactor: Option<Redactor>,
    pub(super) gates: &'a GateArgs,
    /// Who tells the GPUs, where they are asked with each report.
    pub(super) probe: Option<&'a ProbeArgs>,
    pub(super) environment: &'a Environment,
}

/// Wrong use where a format cannot report as it goes.
pub(super) fn check(chosen: &[Chosen]) -> Result<(), Error> {
    let unable = chosen.iter().find(|chosen| !chosen.output.follows);
    let Some(Chosen { output, .. }) = unable else {
        return Ok(());
    };
    let able = report::ALL.iter().filter(|output| output.follows);
    let names: Vec<String> = able.map(|output| format!("`{}`", output.name)).collect();
    Err(Error::Setting {
        place: "--follow".to_owned(),
        reason: format!(
            "`{}` is one report at the end, and what is followed has none; {} report as they go",
            output.name,
            names.join(", ")
        ),
    })
}

/// One input that is followed.
struct Followed<'a> {
    /// Its number among them.
    at: usize,
    tail: Tail,
    name: String,
    reader: Reader,
    /// How many bytes of text came, of all texts that its name stood for.
    bytes: u64,
    failures: usize,
    waiting: Option<Waiting>,
    /// How many bytes had come when its readings were last set against the card.
    weighed: u64,
    /// True where a reading came too close to the size of the card, which was said.
    near: bool,
    /// True where there was more to read when it was last looked at.
    behind: bool,
    environment: &'a Environment,
}

/// A failure that may not be complete yet.
#[derive(Clone, Copy)]
struct Waiting {
    /// Where the last line of it that announces a failure stands.
    at: u64,
    /// Since when nothing was added to it.
    quiet: Instant,
    since: Instant,
}

/// The session.
struct Session<'a> {
    wish: Wish<'a>,
    exit: Exit,
    /// The failures of jobs that were told.
    jobs: Growing,
    reports: usize,
    /// False once nobody reads the report any more.
    heard: bool,
}

/// Follows the inputs until a signal comes, or until there is nothing more that could grow.
pub(super) fn follow(found: &[Input], wish: Wish<'_>) -> Result<Exit, Error> {
    let interrupt = Interrupt::listen();
    let mut session = Session {
        wish,
        exit: Exit::CLEAN,
        jobs: Growing::default(),
        reports: 0,
        heard: true,
    };
    let mut all = session.begin(found);
    while session.heard && !all.iter().all(|one| one.tail.ended()) {
        for one in &mut all {
            one.behind = session.advance(one)?;
            session.consider(one)?;
        }
        if interrupt.stop.asked() {
            break;
        }
        if !all.iter().any(|one| one.behind) {
            let tails: Vec<&Tail> = all.iter().map(|one| &one.tail).collect();
            let out = stdout();
            let waited = input::await_growth(&tails, out.as_fd(), &interrupt.stop, TICK);
            session.heard &= waited.map_err(Error::Write)?;
        }
    }
    for one in &mut all {
        one.reader.settle();
        session.tell(one)?;
        session.weigh(one);
        session.unsized_card(one);
        session.unread(one);
    }
    session.sum(&all);
    Ok(session.exit)
}

impl<'a> Session<'a> {
    fn begin(&mut self, found: &[Input]) -> Vec<Followed<'a>> {
        let mut all = Vec::new();
        for found in found {
            match found {
                Ok(source) => all.push(Followed {
                    at: all.len(),
                    tail: Tail::new(source),
                    name: source.name(),
                    reader: self.wish.environment.reader(&source.name()),
                    bytes: 0,
                    failures: 0,
                    waiting: None,
                    weighed: 0,
                    near: false,
                    behind: false,
                    environment: self.wish.environment,
                }),
                Err(error) => {
                    self.say(&error.to_string());
                    self.exit = self.exit.or(Exit::PARTIAL);
                }
            }
        }
        self.jobs = Growing::of(all.iter().map(|one| one.name.as_str()));
        all
    }

    /// Reads what is new of an input; true where there may be more at once.
    fn advance(&mut self, one: &mut Followed<'_>) -> Result<bool, Error> {
        let mut told = Ok(());
        let Followed {
            at,
            tail,
            name,
            reader,
            bytes,
            failures,
            environment,
            ..
        } = one;
        let more = tail.advance(&mut |seen| match seen {
            Seen::Text(text) => {
                reader.push(text);
                *bytes = bytes.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
            }
            Seen::Anew(reason) => {
                reader.settle();
                if let (Some(news), true) = (reader.news(), told.is_ok()) {
                    told = self.report(*at, news).map(|count| *failures += count);
                }
                self.jobs.begin_anew(*at);
                *reader = environment.reader(name);
                self.note(&format!("`{name}`: {reason}; its lines count from 1 again"));
            }
            Seen::Away(reason) => self.note(&format!("`{name}`: {reason}; waiting for it")),
            Seen::Ended(None) => {}
            Seen::Ended(Some(problem)) => {
                self.exit = self.exit.or(Exit::PARTIAL);
                self.say(&format!("cannot follow `{name}`: {problem}"));
            }
        });
        told.map(|()| more)
    }

    /// Reports what is complete of an input.
    fn consider(&mut self, one: &mut Followed<'_>) -> Result<(), Error> {
        let now = Instant::now();
        let failing = one.reader.look();
        one.waiting = failing.map(|at| match one.waiting {
            Some(waiting) if waiting.at == at => waiting,
            earlier => Waiting {
                at,
                quiet: now,
                since: earlier.map_or(now, |earlier| earlier.since),
            },
        });
        let complete = one.tail.ended()
            || one.waiting.is_some_and(|waiting| {
                now.duration_since(waiting.quiet) >= QUIET
                    || now.duration_since(waiting.since) >= LONGEST
            });
        if complete {
            one.reader.settle();
            one.waiting = None;
        }
        self.tell(one)?;
        if one.bytes != one.weighed && one.waiting.is_none() {
            self.weigh(one);
        }
        Ok(())
    }

    /// Says once of an input that its readings came close to the size of the card.
    fn weigh(&mut self, one: &mut Followed<'_>) {
        one.weighed = one.bytes;
        if one.near || !self.wish.gates.asks_room() {
            return;
        }
        let rules = self.wish.environment.custom.rules();
        let diagnosis = Diagnosis::with(one.reader.so_far(), None, rules);
        if let Room::Near(near) = self.wish.gates.room(&diagnosis) {
            one.near = true;
            self.say(&format!("{} {}", margin::HEAD, margin::words(&near)));
            self.wish.options.compared.near = vec![near];
            let exit = self.wish.gates.exit(&[], &self.wish.options.compared);
            self.exit = self.exit.or(exit);
            // A report is of a failure, and this was said.
            self.wish.options.compared.near.clear();
        }
    }

    /// Says of an input, at the end, that nothing told the size of its card.
    fn unsized_card(&mut self, one: &mut Followed<'_>) {
        if !self.wish.gates.asks_room() {
            return;
        }
        let rules = self.wish.environment.custom.rules();
        let diagnosis = Diagnosis::with(one.reader.so_far(), None, rules);
        if !one.near && self.wish.gates.room(&diagnosis) == Room::SizeUnknown {
            self.note(&size_unknown(&one.name));
            self.wish.options.compared.margin_unknown = true;
            let exit = self.wish.gates.exit(&[], &self.wish.options.compared);
            self.exit = self.exit.or(exit);
        }
    }

    fn tell(&mut self, one: &mut Followed<'_>) -> Result<(), Error> {
        let Some(news) = one.reader.news() else {
            return Ok(());
        };
        one.failures += self.report(one.at, news)?;
        Ok(())
    }

    /// Writes the report of new failures, and a line for each that came again, from the same input or from that of another
    /// rank. Returns how many are new.
    fn report(&mut self, at: usize, news: News) -> Result<usize, Error> {
        let News { mut log, again } = news;
        for repeat in &again {
            self.note(&once_more(&log.source, repeat));
        }
        for retold in self.jobs.take_retold(at, &mut log) {
            self.note(&from_another_rank(&retold));
        }
        let new = log.incidents.len();
        if new == 0 {
            return Ok(0);
        }
        let wish = &mut self.wish;
        let devices = wish.probe.map(ProbeArgs::ask);
        let visible = &wish.environment.visible;
        let gpus = devices.as_ref().map(|devices| Gpus::now(devices, visible));
        let diagnosis = Diagnosis::with(log, gpus.as_ref(), wish.environment.custom.rules());
        let exit = wish
            .gates
            .exit(slice::from_ref(&diagnosis), &wish.options.compared);
        self.exit = self.exit.or(exit);
        let shown = wish.redactor.as_mut().map(|r| r.diagnosis(&diagnosis));
        self.write(shown.as_ref().unwrap_or(&diagnosis))?;
        Ok(new)
    }

    fn write(&mut self, diagnosis: &Diagnosis) -> Result<(), Error> {
        if !self.heard {
            return Ok(());
        }
        let wish = &mut self.wish;
        let diagnoses = slice::from_ref(diagnosis);
        wish.reports
            .write_more(diagnoses, &wish.options, self.reports == 0)?;
        self.reports += 1;
        self.heard = wish.reports.heard();
        Ok(())
    }

    /// Says of an input, at the end, that it was not read as far as it went.
    fn unread(&mut self, one: &Followed<'_>) {
        if one.tail.known() && !one.behind {
            return;
        }
        self.exit = self.exit.or(Exit::PARTIAL);
        let how = if one.tail.known() { " to its end" } else { "" };
        if self.heard {
            self.say(&format!("`{}` was not read{how}", one.name));
        }
    }

    /// What was read and found, at the end.
    fn sum(&mut self, all: &[Followed<'_>]) {
        let failures: usize = all.iter().map(|one| one.failures).sum();
        let bytes = all.iter().map(|one| one.bytes);
        let bytes = human(bytes.fold(0, u64::saturating_add));
        let inputs = counted(all.len(), "input");
        let failures = counted(failures, "failure");
        self.note(&format!("followed {inputs}, {bytes}: {failures}"));
    }

    /// Says what a person may want to know.
    fn note(&mut self, words: &str) {
        if !self.wish.reports.is_empty() && self.heard {
            self.say(words);
        }
    }

    fn say(&mut self, words: &str) {
        let shown = self.wish.redactor.as_mut().map(|r| r.words(words));
        super::complain(shown.as_deref().unwrap_or(words));
    }
}

fn once_more(source: &str, repeat: &Repeat) -> String {
    format!(
        "`{source}`, line {}: the failure of line {} again, {} times so far",
        repeat.last, repeat.first, repeat.times
    )
}

fn from_another_rank(retold: &Retold) -> String {
    let Retold { told, first, times } = retold;
    let (source, line) = (&told.place.source, told.place.line);
    let rank = told.rank.map(|rank| format!(", rank {rank}"));
    let rank = rank.unwrap_or_default();
    match told.tells {
        Tells::Again => format!(
            "`{source}`, line {line}: the same failure{rank}, as at {first}, {times} times so far"
        ),
        Tells::Twice => format!(
            "`{source}`, line {line}: the same failure{rank}, in another file, as at {first}"
        ),
        Tells::Follows => {
            format!("`{source}`, line {line}: what followed from the failure{rank}, as at {first}")
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

//! Many inputs: several are read at once, archives log by log, and what comes out stands in the order in which they were named.
//! The files of a job's ranks wait for each other, and are joined before anything in them is judged.

mod pool;
mod waiting;

use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::bytes::Bytes;
use crate::diagnose::{Custom, Diagnosis, Gpus, Reader};
use crate::error::Error;
use crate::evidence::Series;
use crate::input::{self, Control, Part, Source};
use crate::log::Log;
use waiting::Waiting;

/// An input, or why there is none.
pub type Input = Result<Source, Error>;

/// The inputs behind a path: a file, or the files of a folder.
pub fn inputs(path: impl AsRef<OsStr>) -> Vec<Input> {
    input::find(path.as_ref(), false)
}

/// How inputs are read and judged.
///
/// ```
/// let inputs = whyoom::session::inputs("fixtures/cases/h200-frag-mempool");
/// let diagnoses = whyoom::Session::default().explain(&inputs)?;
/// let failures = diagnoses.iter().flat_map(|diagnosis| &diagnosis.incidents);
/// assert!(failures.count() > 0);
/// # Ok::<(), whyoom::Error>(())
/// ```
#[derive(Default)]
pub struct Session<'a> {
    /// What the user adds to what is known of logs.
    pub custom: Arc<Custom>,
    /// What of the readings is needed once a log is judged.
    pub detail: Detail<'a>,
    /// How many threads read: inputs at once, and what is left of them in each; `None` for one a core.
    pub threads: Option<NonZeroUsize>,
    /// How far it is, and how to end it.
    pub task: Arc<Task>,
}

/// Which points of a series are needed, by their places; the bytes are the size of the card, where a failure tells it.
type Points<'a> = &'a (dyn Fn(&Series, Option<u64>) -> Vec<usize> + Sync);

/// What of the readings is needed once a log is judged. Of many logs they would be most of what is held.
#[derive(Clone, Copy, Default)]
pub enum Detail<'a> {
    /// Everything.
    #[default]
    All,
    /// Nothing but what explains a failure.
    Nothing,
    /// These points of each series.
    Points(Points<'a>),
}

/// How far the reading of all inputs is, and how to end it.
#[derive(Default)]
pub struct Task {
    /// Ends it, and counts the bytes.
    pub control: Control,
    /// How many inputs are done.
    pub done: AtomicUsize,
    /// How many failures were found.
    pub failures: AtomicUsize,
}

/// Who takes what is read.
pub trait Audience {
    /// Hears why an input was not read, or not to its end, as soon as that is known. What a request to stop left unread is not
    /// said: it would be much.
    fn problem(&mut self, words: &str);

    /// Takes the next log. What the others of its job say of its failures is joined to it. What could not be read comes too, as
    /// a log that is not complete.
    fn log(&mut self, log: Log) -> Result<(), Error>;
}

/// A log, and what went wrong, for a person.
struct Told {
    log: Log,
    problem: Option<String>,
}

/// What is said of an input that a request to stop left unread.
const UNBEGUN: &str = "interrupted before it was read";

impl Task {
    /// Nothing is read yet.
    pub fn under(control: &Control) -> Self {
        Self {
            control: control.clone(),
            ..Self::default()
        }
    }

    /// Counts the failures that an input has now and had not `before`; returns how many it has.
    fn found(&self, before: usize, now: usize) -> usize {
        self.failures
            .fetch_add(now.saturating_sub(before), Ordering::Relaxed);
        now
    }
}

impl Detail<'_> {
    /// Lets go of the readings that nobody needs.
    fn keep(self, series: &mut Vec<Series>, capacity: Option<u64>) {
        match self {
            Self::All => {}
            Self::Nothing => *series = Vec::new(),
            Self::Points(needed) => {
                for series in series {
                    let needed = needed(series, capacity).into_iter();
                    let points = needed.filter_map(|at| series.points.get(at).copied());
                    series.points = points.collect();
                }
            }
        }
    }
}

impl Session<'_> {
    /// Explains every log in these inputs, in order.
    pub fn explain(&self, inputs: &[Input]) -> Result<Vec<Diagnosis>, Error> {
        let logs = self.gather(inputs)?.into_iter();
        Ok(logs.map(|log| self.judge(log, None)).collect())
    }

    /// All logs in these inputs, in order, for who has more to add before they are judged.
    pub fn gather(&self, inputs: &[Input]) -> Result<Vec<Log>, Error> {
        let mut gathering = Gathering(Vec::new());
        self.read(inputs, &mut gathering)?;
        Ok(gathering.0)
    }

    /// Reads all inputs and hands each log over, in order, as soon as nothing that is still to be read can change it.
    pub fn read(&self, inputs: &[Input], audience: &mut dyn Audience) -> Result<(), Error> {
        let mut waiting = Waiting::of(inputs);
        let mut each = |told: Vec<Told>| {
            let problems = told.iter().filter_map(|one| one.problem.as_deref());
            problems.for_each(|words| audience.problem(words));
            let logs = told.into_iter().map(|one| one.log);
            waiting.add(logs).try_for_each(|log| audience.log(log))
        };
        if inputs.len() <= 1 {
            let work = |input: &Input| self.work(input, self.threads);
            return inputs.iter().map(work).try_for_each(each);
        }
        let threads = self.threads.unwrap_or_else(cores).get();
        let at_once = threads.min(inputs.len());
        // What is left where there are fewer inputs than threads.
        let share = NonZeroUsize::new(threads / at_once);
        let work = |input: &Input| self.work(input, share);
        if at_once <= 1 {
            return inputs.iter().map(work).try_for_each(each);
        }
        pool::at_once(inputs, at_once, &work, &mut |told| {
            // Where nobody takes it any more, there is nothing to read for.
            each(told).inspect_err(|_| self.task.control.stop.ask())
        })
    }

    /// Judges a log, once; what of its readings nobody needs is let go of.
    pub fn judge(&self, log: Log, gpus: Option<&Gpus<'_>>) -> Diagnosis {
        let mut diagnosis = Diagnosis::with(log, gpus, self.custom.rules());
        let totals = diagnosis.incidents.iter().filter_map(|e| e.balance.total);
        let capacity = totals.map(Bytes::mid).next();
        self.detail.keep(&mut diagnosis.series, capacity);
        diagnosis
    }

    /// Explains one input as a whole, named `name`. Its failures and readings keep the names of their logs: of an archive, each
    /// log is judged by itself.
    pub fn one(&self, source: &Source, name: &str) -> Result<Diagnosis, Error> {
        let mut parts = Vec::new();
        self.logs((source, name), self.threads, &mut |told| {
            parts.push(self.judge(told.log, None));
        })?;
        Ok(Diagnosis::of_parts(name, parts))
    }

    /// A reader of a log of this name.
    pub fn reader(&self, name: &str) -> Reader {
        let reader = Reader::with(name, &self.custom);
        match self.detail {
            Detail::Nothing => reader.for_failures(),
            Detail::All | Detail::Points(_) => reader,
        }
    }

    /// All that is in one input, with so many threads; `None` for one a core.
    fn work(&self, input: &Input, threads: Option<NonZeroUsize>) -> Vec<Told> {
        let mut all = Vec::new();
        let stop = &self.task.control.stop;
        let unbegun = |source: &Source| Told {
            log: Log::unread(&source.name(), UNBEGUN),
            problem: None,
        };
        match input {
            Err(error) => all.push(could_not_open(error)),
            Ok(source) if stop.asked() => all.push(unbegun(source)),
            Ok(source) => {
                let name = source.name();
                let read = self.logs((source, &name), threads, &mut |mut told| {
                    // The readings beside a failure explain it, maybe only when the others of its job are known.
                    if told.log.incidents.is_empty() {
                        self.detail.keep(&mut told.log.series, None);
                    }
                    all.push(told);
                });
                match read {
                    Ok(()) => {}
                    Err(_) if stop.asked() => all.push(unbegun(source)),
                    Err(error) => all.push(could_not_open(&error)),
                }
            }
        }
        self.task.done.fetch_add(1, Ordering::Relaxed);
        all
    }

    /// Reads an input and hands each log in it over, in order, named behind `name`.
    fn logs(
        &self,
        (source, name): (&Source, &str),
        threads: Option<NonZeroUsize>,
        take: &mut dyn FnMut(Told),
    ) -> Result<(), Error> {
        let own = source.name();
        // A member of an archive is named behind the archive.
        let named = |part: &str| format!("{name}{}", part.strip_prefix(&own).unwrap_or(""));
        let (control, task) = (&self.task.control, &self.task);
        let mut open = None;
        let mut failures = 0;
        input::read(source, control, &mut |part| match part {
            Part::Begins(part) => {
                let reader = self.reader(&named(part)).on_threads(threads);
                open = Some((part.to_owned(), reader));
                failures = 0;
            }
            Part::Text(chunk) => {
                if let Some((_, reader)) = &mut open {
                    reader.push(chunk);
                    failures = task.found(failures, reader.failures());
                }
            }
            Part::Ends(outcome) => {
                let Some((part, reader)) = open.take() else {
                    return;
                };
                let log = reader.finish(outcome);
                let words = |problem| format!("`{part}` was not read to its end: {problem}");
                let problem = log.outcome.problem.as_ref().map(words);
                let problem = problem.filter(|_| !control.stop.asked());
                failures = task.found(failures, log.incidents.len());
                take(Told { log, problem });
            }
        })
    }
}

/// How many threads can run at once.
fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The place in the report of an input that could not be opened.
fn could_not_open(error: &Error) -> Told {
    let log = match error {
        Error::Read { source, reason } => Log::unread(source, reason.to_string()),
        other => Log::unread("", other.to_string()),
    };
    Told {
        log,
        problem: Some(error.to_string()),
    }
}

/// Keeps every log.
struct Gathering(Vec<Log>);

impl Audience for Gathering {
    /// It stands in the log, too.
    fn problem(&mut self, _: &str) {}

    fn log(&mut self, log: Log) -> Result<(), Error> {
        self.0.push(log);
        Ok(())
    }
}

//! What to read, and reading it: several inputs at once, their diagnoses in the order in which they were named.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

use clap::{Args, ValueHint};

use super::progress::Task;
use super::reading::{self, Told};
use crate::diagnose::{Diagnosis, Reader};
use crate::error::Error;
use crate::input::{self, Source};

/// The inputs.
#[derive(Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Logs, packed or not, archives and folders of logs; `-` is standard input, and so is nothing at all
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    /// Read what this file names too: a path or a pattern (`runs/**/*.log`) a line, or with NUL between them; `-` is
    /// standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files_from: Option<OsString>,
    /// In folders, read hidden files too
    #[arg(long)]
    hidden: bool,
    /// How many inputs to read at once [default: one a core]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// An input, or why there is none.
pub(super) type Found = Result<Source, Error>;

impl InputArgs {
    /// All inputs, in order.
    pub(super) fn find(&self) -> Result<Vec<Found>, Error> {
        let stdin = [OsString::from("-")];
        let named = match (self.paths.as_slice(), &self.files_from) {
            ([], None) => &stdin,
            (paths, _) => paths,
        };
        let list = self.files_from.as_deref().map(input::listed).transpose()?;
        let named = named.iter().flat_map(|p| input::find(p, self.hidden));
        let listed = list.iter().flatten();
        let listed = listed.flat_map(|p| input::find_listed(p, self.hidden));
        Ok(named.chain(listed).collect())
    }

    /// Reads all inputs and hands the diagnosis of each over, of an archive one for each of its logs, in order, as soon as those
    /// before it are there. What cannot be read comes with words for a person, and stands in the report as not complete; so does what
    /// a request to stop left unread, without words: they would be many.
    pub(super) fn read(
        &self,
        found: &[Found],
        way: &Way<'_>,
        task: &Task,
        each: &mut dyn FnMut(Vec<Told>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let work = |found: &Found| {
            let mut told = Vec::new();
            diagnose(found, way, task, &mut |mut one: Told| {
                (way.thin)(&mut one.0);
                told.push(one);
            });
            task.done.fetch_add(1, Ordering::Relaxed);
            told
        };
        // One input is read by itself, so the cores need not be asked for.
        let cores = || match found {
            [] | [_] => 1,
            _ => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        };
        let jobs = self.jobs.map_or_else(cores, NonZeroUsize::get);
        if jobs.min(found.len()) <= 1 {
            return found.iter().map(work).try_for_each(each);
        }
        at_once(found, jobs.min(found.len()), &work, &mut |told| {
            // Without a report there is nothing to read for.
            each(told).inspect_err(|_| task.control.stop.ask())
        })
    }
}

/// How each input is read.
pub(super) struct Way<'a> {
    /// Makes its reader.
    pub(super) reader: &'a (dyn Fn(&str) -> Reader + Sync),
    /// Takes out of its diagnosis what nobody will ask for.
    pub(super) thin: &'a (dyn Fn(&mut Diagnosis) + Sync),
}

/// So many results may wait for one before them: where one input takes long, what the others say must not fill the memory.
const LEAD: usize = 1024;

/// Which result is the next, for threads that must not get too far ahead of it.
#[derive(Default)]
struct Due {
    at: Mutex<usize>,
    moved: Condvar,
}

impl Due {
    /// Waits until no more than [`LEAD`] results are missing before this one.
    fn near(&self, item: usize) {
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let far = |at: &mut usize| item.saturating_sub(*at) > LEAD;
        drop(self.moved.wait_while(at, far));
    }

    fn is(&self, item: usize) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = item;
        self.moved.notify_all();
    }
}

/// Works on all items with so many threads, and hands the results over in the order of the items.
fn at_once<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: &(impl Fn(&T) -> R + Sync),
    each: &mut dyn FnMut(R) -> Result<(), Error>,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let due = Due::default();
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (send, next, due) = (send.clone(), &next, &due);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    due.near(at);
                    // Nobody listens any more where the report could not be written.
                    if send.send((at, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let told = in_order(receive, each, &due);
        // Nobody waits for what is not told any more.
        due.is(items.len());
        told
    })
}

/// Hands results over in the order of their items.
fn in_order<R>(
    results: mpsc::Receiver<(usize, R)>,
    each: &mut dyn FnMut(R) -> Result<(), Error>,
    due: &Due,
) -> Result<(), Error> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (at, result) in results {
        early.insert(at, result);
        while let Some(result) = early.remove(&next) {
            each(result)?;
            next += 1;
        }
        due.is(next);
    }
    Ok(())
}

/// What is said of an input that a request to stop left unread.
const UNBEGUN: &str = "interrupted before it was read";

/// Reads one input and explains it, or all that is in it.
fn diagnose(found: &Found, way: &Way<'_>, task: &Task, take: &mut dyn FnMut(Told)) {
    let source = match found {
        Ok(source) => source,
        Err(error) => return take(unread(error)),
    };
    let stop = &task.control.stop;
    let unbegun = || (nothing_of(&source.name(), UNBEGUN), None);
    if stop.asked() {
        return take(unbegun());
    }
    let failures = |before, now| task.found(before, now);
    match reading::told(source, &task.control, way.reader, &failures, take) {
        Ok(()) => {}
        Err(_) if stop.asked() => take(unbegun()),
        Err(error) => take(unread(&error)),
    }
}

/// The place in the report of an input that could not be opened.
fn unread(error: &Error) -> Told {
    let (source, problem) = match error {
        Error::Read { source, reason } => (source.as_str(), reason.to_string()),
        other => ("", other.to_string()),
    };
    (nothing_of(source, &problem), Some(error.to_string()))
}

/// The diagnosis of an input of which nothing was read.
fn nothing_of(source: &str, problem: &str) -> Diagnosis {
    let mut diagnosis = Reader::new(source).finish();
    diagnosis.complete = false;
    diagnosis.problem = Some(problem.to_owned());
    diagnosis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whatever_takes_longest() {
        let items: Vec<u64> = (0..200).collect();
        let slow_first = |n: &u64| {
            thread::sleep(std::time::Duration::from_micros(500 / (n % 7 + 1)));
            *n
        };
        for jobs in [1, 2, 8] {
            let mut out = Vec::new();
            let mut each = |n| {
                out.push(n);
                Ok(())
            };
            at_once(&items, jobs, &slow_first, &mut each).unwrap();
            assert_eq!(out, items);
        }
    }

    #[test]
    fn one_that_takes_long_does_not_let_results_pile_up() {
        let items: Vec<usize> = (0..LEAD * 3).collect();
        let furthest = AtomicUsize::new(0);
        let work = |at: &usize| {
            furthest.fetch_max(*at, Ordering::SeqCst);
            while *at == 0 && furthest.load(Ordering::SeqCst) < LEAD {
                thread::yield_now();
            }
            if *at == 0 {
                thread::sleep(std::time::Duration::from_millis(50));
            }
            furthest.load(Ordering::SeqCst)
        };
        let mut seen = Vec::new();
        let mut each = |furthest| {
            seen.push(furthest);
            Ok(())
        };
        at_once(&items, 2, &work, &mut each).unwrap();
        assert_eq!((seen[0], seen.len()), (LEAD, items.len()));
    }

    #[test]
    fn a_report_that_cannot_be_written_ends_the_work() {
        let mut each = |_| Err(Error::Write(std::io::Error::other("full")));
        assert!(at_once(&vec![1; LEAD * 3], 2, &|n| *n, &mut each).is_err());
    }
}

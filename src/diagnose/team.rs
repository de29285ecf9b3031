//! Several threads for one large input. Blocks of it are searched, and what is found in them is prepared, by whoever has time;
//! the pass and the gathering take both in the order of the input, so the report is the one that one thread makes.

mod work;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{mem, panic};

use super::prepared::Known;
use super::reader::Gathered;
use crate::scan::{Block, Cutter, Scanner};
use work::{Task, Work};

/// More threads than that wait for the one that reads.
const MOST: usize = 16;
/// The threads that help, and what is left to do.
pub(super) struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// `None` once the input has ended.
    cutter: Option<Cutter>,
}

struct Shared {
    known: Known,
    threads: usize,
    /// How many failures were found so far.
    failures: AtomicUsize,
    work: Mutex<Work>,
    /// Something was done, so something else may have become possible.
    moved: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, mut work: MutexGuard<'a, Work>) -> MutexGuard<'a, Work> {
        work.idle += 1;
        let waited = self.moved.wait(work);
        let mut work = waited.unwrap_or_else(PoisonError::into_inner);
        work.idle -= 1;
        work
    }

    /// Tells those who wait that something was done. To wake nobody would be a call of the system, too.
    fn tell(&self, work: MutexGuard<'_, Work>) {
        let idle = work.idle;
        drop(work);
        if idle > 0 {
            self.moved.notify_all();
        }
    }

    /// Does one thing, and tells the others.
    fn perform(&self, task: Task) {
        let work = match task {
            Task::Search(number, mut block) => {
                block.search();
                let mut work = self.lock();
                work.searched.ready.insert(number, block);
                work
            }
            Task::Pass(mut pass, block) => {
                let batches = &mut pass.batches;
                pass.scanner.take(&block, &mut |found| batches.push(&found));
                let made = batches.take();
                let mut work = self.lock();
                for batch in made {
                    work.waiting += batch.size();
                    let number = work.prepared.announce();
                    work.batches.push_back((number, batch));
                }
                work.spare.push(block.into_bytes());
                work.pass = Some(pass);
                work
            }
            Task::Prepare(number, batch, mut prepared) => {
                for find in batch.finds() {
                    self.known.prepare(&find, &mut prepared);
                }
                let prepared = (prepared, batch.size());
                let mut work = self.lock();
                work.prepared.ready.insert(number, prepared);
                work.used.push(batch);
                work
            }
            Task::Gather(mut gathered, mut prepared, size) => {
                for one in prepared.drain(..) {
                    gathered.add(one);
                }
                let failures = gathered.incidents.so_far().len();
                self.failures.store(failures, Ordering::Relaxed);
                let mut work = self.lock();
                work.waiting -= size;
                work.said.push(prepared);
                work.gathered = Some(gathered);
                work
            }
        };
        self.tell(work);
    }

    /// Helps until the input has ended and all is done.
    fn help(&self) {
        let _told = Told(self);
        let mut work = self.lock();
        while !(work.broken || work.ended && work.is_done()) {
            if let Some(task) = work.next(self.threads) {
                drop(work);
                self.perform(task);
                work = self.lock();
            } else {
                work = self.wait(work);
            }
        }
    }
}

/// Tells the others where a thread fails, who would wait for it.
struct Told<'a>(&'a Shared);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().broken = true;
            self.0.moved.notify_all();
        }
    }
}

impl Team {
    /// So many threads, this one among them, for the rest of an input.
    pub(super) fn of(threads: usize, scanner: Scanner, gathered: Gathered) -> Self {
        let threads = threads.min(MOST);
        let cutter = Some(scanner.cutter());
        let shared = Arc::new(Shared {
            known: gathered.known.clone(),
            threads,
            failures: AtomicUsize::new(gathered.incidents.so_far().len()),
            work: Mutex::new(Work::of(scanner, gathered)),
            moved: Condvar::new(),
        });
        let help = |_| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().spawn(move || shared.help()).ok()
        };
        // Where the system gives no thread, there are fewer.
        let helpers = (1..threads).filter_map(help).collect();
        Self {
            shared,
            helpers,
            cutter,
        }
    }

    /// How many failures were found so far.
    pub(super) fn failures(&self) -> usize {
        self.shared.failures.load(Ordering::Relaxed)
    }

    /// Takes the next bytes. Helps where there is much to do.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Some(mut cutter) = self.cutter.take() else {
            return;
        };
        let mut cut = Vec::new();
        let spare = || self.shared.lock().spare.pop().unwrap_or_default();
        cutter.push(chunk, &mut { spare }, &mut |block| cut.push(block));
        self.cutter = Some(cutter);
        for block in cut {
            self.hand_over(block);
        }
    }

    fn hand_over(&mut self, block: Block) {
        // Two for each thread: the one that it searches and the next.
        let most = 2 * self.shared.threads as u64;
        self.work_while(|work| work.searched.open() >= most);
        let mut work = self.shared.lock();
        let number = work.searched.announce();
        work.blocks.push_back((number, block));
        self.shared.tell(work);
    }

    /// Takes the end of the input, and gives back what was lent.
    pub(super) fn finish(mut self) -> (Scanner, Option<Gathered>) {
        if let Some(cutter) = self.cutter.take() {
            self.hand_over(cutter.finish());
        }
        self.work_while(|work| !work.is_done());
        let mut work = self.shared.lock();
        let scanner = work.pass.take().map(|pass| pass.scanner);
        let gathered = work.gathered.take().map(|gathered| *gathered);
        (scanner.unwrap_or_default(), gathered)
    }

    /// Does what there is to do, and waits for the others, as long as this is so.
    fn work_while(&mut self, busy: impl Fn(&Work) -> bool) {
        let mut work = self.shared.lock();
        while busy(&work) && !work.broken {
            if let Some(task) = work.next(self.shared.threads) {
                drop(work);
                self.shared.perform(task);
                work = self.shared.lock();
            } else {
                work = self.shared.wait(work);
            }
        }
        if work.broken {
            drop(work);
            self.end();
        }
    }

    /// Sends the helpers home; fails as one of them did.
    fn end(&mut self) {
        let mut work = self.shared.lock();
        work.ended = true;
        work.broken |= !work.is_done();
        drop(work);
        self.shared.moved.notify_all();
        for helper in mem::take(&mut self.helpers) {
            if let (Err(cause), false) = (helper.join(), thread::panicking()) {
                panic::resume_unwind(cause);
            }
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;

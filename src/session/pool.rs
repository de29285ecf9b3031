//! Work on many items at once, with the results in the order of the items.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

use crate::error::Error;

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
pub(super) fn at_once<T: Sync, R: Send>(
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

//! Logs that wait: for the others of their job, and for a memory snapshot that may be of the same moment.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Input;
use crate::input::Source;
use crate::inside;
use crate::jobs::{self, Jobs};
use crate::log::Log;

/// The logs that were read and not handed over.
pub(super) struct Waiting {
    jobs: Jobs,
    /// How many inputs are read before the first log goes: all, if one may be a memory snapshot, which any other can tell of.
    held: usize,
    logs: VecDeque<Log>,
    /// How many were handed over.
    gone: usize,
    /// For each input that was read, how many logs stand before its own.
    places: Vec<usize>,
}

impl Waiting {
    /// Which inputs wait for which is told by what the user named them, and by their first byte.
    pub(super) fn of(inputs: &[Input]) -> Self {
        let names = inputs.iter().map(|input| match input {
            Ok(source) => source.name(),
            Err(_) => String::new(),
        });
        let names: Vec<String> = names.collect();
        let snapshot = |input: &Input| input.as_ref().is_ok_and(may_be_snapshot);
        let waits = inputs.len() > 1 && inputs.iter().any(snapshot);
        Self {
            jobs: Jobs::of(names.iter().map(String::as_str)),
            held: if waits { inputs.len() } else { 0 },
            logs: VecDeque::new(),
            gone: 0,
            places: Vec::new(),
        }
    }

    /// Adds the logs of the next input. Returns those that need not wait any more.
    pub(super) fn add(&mut self, logs: impl Iterator<Item = Log>) -> impl Iterator<Item = Log> {
        self.places.push(self.gone + self.logs.len());
        self.logs.extend(logs);
        let (gone, places) = (self.gone, &self.places);
        let place = |input: usize| places.get(input)?.checked_sub(gone);
        let read = places.len();
        let all = self.logs.make_contiguous();
        self.jobs.join_ended(all, read, &place);
        let ready = if read < self.held {
            0
        } else {
            jobs::join_gpus(all);
            jobs::join_snapshots(all);
            place(self.jobs.ready(read)).unwrap_or(all.len())
        };
        self.gone += ready;
        self.logs.drain(..ready)
    }
}

/// True for what begins like a pickle of today, and for what is a census or named like one or like a snapshot, packed or as JSON. A log that waits
/// in vain only comes later.
fn may_be_snapshot(source: &Source) -> bool {
    /// How pickles of protocol 2 and later begin (Python, Lib/pickle.py, `PROTO`).
    const PICKLE: u8 = 0x80;
    let Source::File(path) = source else {
        return false;
    };
    let name = source.name().to_ascii_lowercase();
    let named = ["pickle", ".pkl", "snapshot", "whyoom-census"];
    let begins = |head: Vec<u8>| head.first() == Some(&PICKLE) || inside::begins(&head);
    named.iter().any(|word| name.contains(word)) || head(path).is_some_and(begins)
}

/// The first bytes of a regular file: what is read from a pipe would be missing later.
fn head(path: &Path) -> Option<Vec<u8>> {
    const LEN: u64 = 32;
    let regular = path.metadata().is_ok_and(|found| found.is_file());
    let mut head = Vec::new();
    let file = regular.then(|| File::open(path))?.ok()?;
    file.take(LEN).read_to_end(&mut head).ok()?;
    Some(head)
}

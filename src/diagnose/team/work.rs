//! What is to be done with a large input, and what of it can be done now.

use std::collections::{BTreeMap, VecDeque};

use super::super::batch::{Batch, Batches};
use super::super::prepared::Prepared;
use super::super::reader::Gathered;
use crate::scan::{Block, Scanner};

/// So many bytes of finds may wait to be prepared and gathered, and as many more for each thread.
const AHEAD: usize = 256 << 10;

/// What is to be done. Whatever is numbered is taken in order in the end.
pub(super) struct Work {
    /// Blocks to be searched.
    pub(super) blocks: VecDeque<(u64, Block)>,
    /// Blocks that were searched.
    pub(super) searched: Ordered<Block>,
    /// `None` while a thread has it.
    pub(super) pass: Option<Box<Pass>>,
    /// Finds to be prepared.
    pub(super) batches: VecDeque<(u64, Batch)>,
    /// What they say, and how large they were.
    pub(super) prepared: Ordered<(Vec<Prepared>, usize)>,
    /// `None` while a thread has it.
    pub(super) gathered: Option<Box<Gathered>>,
    /// How many bytes of finds there are that were not gathered yet.
    pub(super) waiting: usize,
    /// The memory of blocks that are done.
    pub(super) spare: Vec<Vec<u8>>,
    /// The same of batches, and of what they said.
    pub(super) used: Vec<Batch>,
    pub(super) said: Vec<Vec<Prepared>>,
    /// How many threads wait for something to do.
    pub(super) idle: usize,
    pub(super) ended: bool,
    /// A thread has failed.
    pub(super) broken: bool,
}

/// The pass, and what it has found.
pub(super) struct Pass {
    pub(super) scanner: Scanner,
    pub(super) batches: Batches,
}

/// Things that become ready in any order and are taken in one.
pub(super) struct Ordered<T> {
    /// How many were announced, and how many were taken.
    announced: u64,
    taken: u64,
    pub(super) ready: BTreeMap<u64, T>,
}

/// Something that one thread can do now.
pub(super) enum Task {
    Search(u64, Block),
    Pass(Box<Pass>, Block),
    Prepare(u64, Batch, Vec<Prepared>),
    Gather(Box<Gathered>, Vec<Prepared>, usize),
}

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self {
            announced: 0,
            taken: 0,
            ready: BTreeMap::new(),
        }
    }
}

impl<T> Ordered<T> {
    /// The number of one more.
    pub(super) fn announce(&mut self) -> u64 {
        self.announced += 1;
        self.announced - 1
    }

    fn take(&mut self) -> Option<T> {
        let next = self.ready.remove(&self.taken)?;
        self.taken += 1;
        Some(next)
    }

    /// How many were announced and not taken.
    pub(super) fn open(&self) -> u64 {
        self.announced - self.taken
    }
}

impl Work {
    /// Nothing is to be done yet.
    pub(super) fn of(scanner: Scanner, gathered: Gathered) -> Self {
        let pass = Pass {
            scanner,
            batches: Batches::default(),
        };
        Self {
            blocks: VecDeque::new(),
            searched: Ordered::default(),
            pass: Some(Box::new(pass)),
            batches: VecDeque::new(),
            prepared: Ordered::default(),
            gathered: Some(Box::new(gathered)),
            waiting: 0,
            spare: Vec::new(),
            used: Vec::new(),
            said: Vec::new(),
            idle: 0,
            ended: false,
            broken: false,
        }
    }

    /// The most urgent thing that can be done now: what is nearest to its end.
    pub(super) fn next(&mut self, threads: usize) -> Option<Task> {
        if self.gathered.is_some()
            && let Some((prepared, size)) = self.prepared.take()
        {
            let gathered = self.gathered.take()?;
            return Some(Task::Gather(gathered, prepared, size));
        }
        if self.pass.is_some()
            && self.waiting <= AHEAD * (threads + 1)
            && let Some(block) = self.searched.take()
        {
            let mut pass = self.pass.take()?;
            pass.batches.reuse(&mut self.used);
            return Some(Task::Pass(pass, block));
        }
        if let Some((number, batch)) = self.batches.pop_front() {
            let room = self.said.pop().unwrap_or_default();
            return Some(Task::Prepare(number, batch, room));
        }
        let (number, block) = self.blocks.pop_front()?;
        Some(Task::Search(number, block))
    }

    pub(super) fn is_done(&self) -> bool {
        self.pass.is_some()
            && self.gathered.is_some()
            && self.searched.open() == 0
            && self.prepared.open() == 0
    }
}

//! The allocator's memory at one moment: the end of the file, with what happened since then taken back.
//!
//! A dump is not the failure: by the time that Python writes it, the exception has let go of the frames and their tensors.
//! Taking events back works where replaying them does not: the ring buffer has lost the first ones, not the last.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::events::{Action, Event};
use super::memory::State as BlockState;
use super::stacks::NO_STACK;
use super::{Snapshot, rounding};
use crate::bytes::sum;

/// A range of memory that the driver gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its size.
    pub size: u64,
    /// The stream that it serves.
    pub stream: i64,
    /// True for the pool of requests above 1 MiB.
    pub large: bool,
    /// The pool; `(0, 0)` is the common one.
    pub pool: (i64, i64),
    /// True where it can grow.
    pub expandable: bool,
}

impl Held {
    /// What an event says of it.
    fn of(snapshot: &Snapshot, event: &Event, expandable: bool) -> Self {
        let lane = snapshot.events.lane_of(event.lane);
        Self {
            size: event.size,
            stream: lane.stream,
            large: event.size > rounding::SMALL_SEGMENT,
            pool: lane.pool.unwrap_or((0, 0)),
            expandable,
        }
    }
}

/// A block in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    /// What it takes.
    pub size: u64,
    /// What was asked for.
    pub requested: u64,
    /// True where the program gave it back and another stream may still use it.
    pub pending: bool,
    /// The stack that asked for it.
    pub stack: u32,
    /// The row of the event that made it; `None` where that is older than the recording.
    pub row: Option<usize>,
    /// True where the file does not have it any more: its size is worked out.
    restored: bool,
}

impl Live {
    /// What a request took that the file does not hold any more.
    fn again(snapshot: &Snapshot, requested: u64) -> Self {
        Self {
            size: rounding::block_with(requested, snapshot.settings.as_ref()),
            requested,
            pending: true,
            stack: NO_STACK,
            row: None,
            restored: true,
        }
    }
}

/// The memory of one device at one moment, by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// What the driver gave.
    pub held: BTreeMap<u64, Held>,
    /// What is in use.
    pub live: BTreeMap<u64, Live>,
}

impl State {
    /// The device's memory right before the event at `moment` (its position in the device's trace), or at the end.
    pub(crate) fn at(snapshot: &Snapshot, device: usize, moment: Option<usize>) -> Self {
        let mut undone = Undone::end(snapshot, device);
        let Some(trace) = snapshot.traces.get(device) else {
            return undone.state(snapshot);
        };
        if !snapshot.has_segments {
            let rows = trace.iter().take(moment.unwrap_or(usize::MAX));
            return undone.replayed(snapshot, rows);
        }
        let since = moment.map_or(0, |moment| trace.len().saturating_sub(moment));
        for row in trace.iter().rev().take(since) {
            if let Some(event) = snapshot.events.get(row) {
                undone.take_back(snapshot, &event);
            }
        }
        let mut state = undone.state(snapshot);
        let before = trace.iter().rev().skip(since);
        state.find_rows(snapshot, before);
        state
    }

    /// Finds for each block the event that made it.
    fn find_rows(&mut self, snapshot: &Snapshot, rows: impl Iterator<Item = usize>) {
        let open = self.live.keys().map(|address| (*address, ()));
        let mut open: HashMap<u64, ()> = open.collect();
        let likely = Likely::of(self.live.keys());
        for row in rows {
            if open.is_empty() {
                return;
            }
            let address = snapshot.events.address(row);
            if !address.is_some_and(|address| likely.has(address)) {
                continue;
            }
            let Some(event) = snapshot.events.get(row) else {
                continue;
            };
            let ours = matches!(event.action, Action::Alloc | Action::FreeCompleted);
            if ours
                && open.remove(&event.address).is_some()
                && event.action == Action::Alloc
                && let Some(live) = self.live.get_mut(&event.address)
            {
                live.row = Some(row);
                if live.stack == NO_STACK {
                    live.stack = event.stack;
                }
            }
        }
    }

    /// The bytes that the driver gave.
    pub(crate) fn reserved(&self) -> u64 {
        sum(self.held.values().map(|held| held.size))
    }

    /// The bytes of blocks that are handed out.
    pub(crate) fn allocated(&self) -> u64 {
        let blocks = self.live.values().filter(|live| !live.pending);
        sum(blocks.map(|live| live.size))
    }

    /// The same with blocks that wait for another stream.
    pub(crate) fn active(&self) -> u64 {
        sum(self.live.values().map(|live| live.size))
    }

    /// What was asked for in the blocks that are handed out.
    pub(crate) fn requested(&self) -> u64 {
        let blocks = self.live.values().filter(|live| !live.pending);
        sum(blocks.map(|live| live.requested))
    }

    /// Each segment with its blocks in use, by address.
    pub(crate) fn segments(
        &self,
    ) -> impl Iterator<Item = (u64, &Held, impl Iterator<Item = (u64, &Live)>)> {
        self.held.iter().map(|(address, held)| {
            let end = address.saturating_add(held.size);
            let blocks = self.live.range(*address..end.max(*address));
            (*address, held, blocks.map(|(at, live)| (*at, live)))
        })
    }

    /// Gives blocks that came back what the allocator had not split off them: it leaves no small rest of a large block.
    fn fill_up(&mut self, snapshot: &Snapshot) {
        let settings = snapshot.settings.as_ref();
        for (start, held) in &self.held {
            if !held.large || held.expandable {
                continue;
            }
            let end = start.saturating_add(held.size).max(*start);
            let mut next = end;
            for (address, live) in self.live.range_mut(*start..end).rev() {
                let rest = next.saturating_sub(address.saturating_add(live.size));
                if live.restored && rounding::stays_whole(live.size, rest, settings) {
                    live.size += rest;
                }
                next = *address;
            }
        }
    }

    /// Joins mapped ranges of expandable segments that touch: the allocator can use them as one.
    fn join(&mut self) {
        let mut joined: BTreeMap<u64, Held> = BTreeMap::new();
        for (address, held) in std::mem::take(&mut self.held) {
            if let Some((start, last)) = joined.iter_mut().next_back()
                && held.expandable
                && last.expandable
                && (last.stream, last.large, last.pool) == (held.stream, held.large, held.pool)
                && start.saturating_add(last.size) == address
            {
                last.size = last.size.saturating_add(held.size);
                continue;
            }
            joined.insert(address, held);
        }
        self.held = joined;
    }
}

/// Tells most addresses that are not among some, in less time than it takes to look one up.
struct Likely(Vec<bool>);

impl Likely {
    const BITS: u32 = 16;

    fn of<'a>(addresses: impl Iterator<Item = &'a u64>) -> Self {
        let mut likely = Self(vec![false; 1 << Self::BITS]);
        for address in addresses {
            if let Some(place) = likely.0.get_mut(Self::place(*address)) {
                *place = true;
            }
        }
        likely
    }

    fn has(&self, address: u64) -> bool {
        self.0.get(Self::place(address)).copied().unwrap_or(false)
    }

    /// By an odd number of many bits (Knuth's multiplier for linear congruences), of which the upper ones are the best mixed.
    fn place(address: u64) -> usize {
        let mixed = address.wrapping_mul(6_364_136_223_846_793_005);
        usize::try_from(mixed >> (64 - Self::BITS)).unwrap_or(0)
    }
}

/// The memory while events are taken back.
struct Undone {
    held: BTreeMap<u64, Held>,
    live: HashMap<u64, Live>,
}

impl Undone {
    /// The end of the file.
    fn end(snapshot: &Snapshot, device: usize) -> Self {
        let mut undone = Self {
            held: BTreeMap::new(),
            live: HashMap::new(),
        };
        let ours = |device_of: u32| usize::try_from(device_of) == Ok(device);
        for segment in snapshot.segments.iter().filter(|s| ours(s.device)) {
            let held = Held {
                size: segment.total,
                stream: segment.stream,
                large: segment.large,
                pool: segment.pool,
                expandable: segment.expandable,
            };
            undone.held.insert(segment.address, held);
            for block in snapshot.blocks_of(segment) {
                if block.state == BlockState::Inactive {
                    continue;
                }
                let live = Live {
                    size: block.size,
                    requested: if block.requested == 0 {
                        block.size
                    } else {
                        block.requested
                    },
                    pending: block.state == BlockState::Pending,
                    stack: block.stack,
                    row: None,
                    restored: false,
                };
                undone.live.insert(block.address, live);
            }
        }
        undone
    }

    fn take_back(&mut self, snapshot: &Snapshot, event: &Event) {
        match event.action {
            Action::Alloc => _ = self.live.remove(&event.address),
            Action::FreeCompleted => {
                let live = Live::again(snapshot, event.size);
                self.live.insert(event.address, live);
            }
            Action::FreeRequested => {
                if let Some(live) = self.live.get_mut(&event.address) {
                    live.pending = false;
                }
            }
            Action::SegmentAlloc | Action::SegmentMap => self.give_back(event.address, event.size),
            Action::SegmentFree | Action::SegmentUnmap => {
                let held = Held::of(snapshot, event, event.action == Action::SegmentUnmap);
                self.held.insert(event.address, held);
            }
            Action::Snapshot | Action::Oom | Action::Other => {}
        }
    }

    /// What events alone show, where the file has no segments: what they began with is not known.
    fn replayed(mut self, snapshot: &Snapshot, rows: impl Iterator<Item = usize>) -> State {
        for (row, event) in rows.filter_map(|row| Some((row, snapshot.events.get(row)?))) {
            match event.action {
                Action::Alloc => {
                    let live = Live {
                        pending: false,
                        stack: event.stack,
                        row: Some(row),
                        ..Live::again(snapshot, event.size)
                    };
                    self.live.insert(event.address, live);
                }
                Action::FreeRequested => {
                    if let Some(live) = self.live.get_mut(&event.address) {
                        live.pending = true;
                    }
                }
                Action::FreeCompleted => _ = self.live.remove(&event.address),
                Action::SegmentAlloc | Action::SegmentMap => {
                    let held = Held::of(snapshot, &event, event.action == Action::SegmentMap);
                    self.held.insert(event.address, held);
                }
                Action::SegmentFree | Action::SegmentUnmap => {
                    self.give_back(event.address, event.size);
                }
                Action::Snapshot | Action::Oom | Action::Other => {}
            }
        }
        self.hold_the_rest();
        self.state(snapshot)
    }

    /// Blocks of segments that are older than the record lie in something all the same.
    fn hold_the_rest(&mut self) {
        let live: BTreeMap<u64, Live> = self.live.iter().map(|(at, live)| (*at, *live)).collect();
        for (address, live) in live {
            let around = self.held.range(..=address).next_back();
            if around.is_none_or(|(start, held)| start.saturating_add(held.size) <= address) {
                let held = Held {
                    size: live.size,
                    stream: 0,
                    large: rounding::is_large(live.requested),
                    pool: (0, 0),
                    expandable: false,
                };
                self.held.insert(address, held);
            }
        }
    }

    /// Takes away a range that the driver had not given yet; a mapped range may be a part of one that the file joins.
    fn give_back(&mut self, address: u64, size: u64) {
        let Some((start, held)) = self.held.range(..=address).next_back() else {
            return;
        };
        let (start, held) = (*start, *held);
        let end = start.saturating_add(held.size);
        let gone = address.saturating_add(size);
        if address >= end {
            return;
        }
        self.held.remove(&start);
        if address > start {
            let size = address - start;
            self.held.insert(start, Held { size, ..held });
        }
        if gone < end {
            let size = end - gone;
            self.held.insert(gone, Held { size, ..held });
        }
    }

    /// Makes it readable, and fits blocks that came back into what lies around them.
    fn state(self, snapshot: &Snapshot) -> State {
        let mut state = State {
            held: self.held,
            live: self.live.into_iter().collect(),
        };
        state.join();
        state.live.retain(|address, _| {
            let around = state.held.range(..=*address).next_back();
            around.is_some_and(|(start, held)| *address < start.saturating_add(held.size))
        });
        let mut above = u64::MAX;
        for (address, live) in state.live.iter_mut().rev() {
            live.size = live.size.min(above.saturating_sub(*address));
            above = *address;
        }
        state.fill_up(snapshot);
        state
    }
}

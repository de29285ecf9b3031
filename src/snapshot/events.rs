//! The events of a snapshot in columns: 32 bytes an event, whatever the file spends on it.

use hashbrown::HashMap;

/// What the allocator did (`TraceEntry::Action`, c10/cuda/CUDACachingAllocator.h of `PyTorch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A block was handed out.
    Alloc,
    /// The program gave a block back.
    FreeRequested,
    /// The allocator may use it again.
    FreeCompleted,
    /// A segment came from the driver.
    SegmentAlloc,
    /// A segment went back to the driver.
    SegmentFree,
    /// A part of an expandable segment was mapped.
    SegmentMap,
    /// A part of an expandable segment was given back.
    SegmentUnmap,
    /// A snapshot was taken.
    Snapshot,
    /// A request was refused. Its address column holds what the driver had free.
    Oom,
    /// A mark of the program, or what a later version adds.
    Other,
}

/// The stream and the pool of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Lane {
    /// The stream's handle; 0 is the default stream.
    pub stream: i64,
    /// The pool: `(0, 0)` for the common one, `None` where the version does not say.
    pub pool: Option<(i64, i64)>,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// What happened.
    pub action: Action,
    /// The block's or segment's address; what the driver had free, for a refusal.
    pub address: u64,
    /// Its size: as requested for blocks, as the driver gave it for segments.
    pub size: u64,
    /// When, in microseconds of Unix time; 0 where the version does not say.
    pub time: u64,
    /// The stack that did it.
    pub stack: u32,
    /// Its stream and pool, by number.
    pub lane: u16,
}

impl Event {
    /// One of which nothing is known.
    pub(super) const NOTHING: Self = Self {
        action: Action::Other,
        address: 0,
        size: 0,
        time: 0,
        stack: super::NO_STACK,
        lane: 0,
    };
}

/// All events, by row. Rows of one device stand in the order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events {
    action: Vec<Action>,
    address: Vec<u64>,
    size: Vec<u64>,
    time: Vec<u64>,
    stack: Vec<u32>,
    lane: Vec<u16>,
    lanes: Vec<Lane>,
    known: HashMap<Lane, u16>,
}

impl Events {
    /// Adds one and tells its row.
    #[inline]
    pub(super) fn push(&mut self, event: &Event) -> Option<u32> {
        let row = u32::try_from(self.action.len()).ok()?;
        self.action.push(event.action);
        self.address.push(event.address);
        self.size.push(event.size);
        self.time.push(event.time);
        self.stack.push(event.stack);
        self.lane.push(event.lane);
        Some(row)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.action.len()
    }

    /// The number of a stream and pool. There are few; what is beyond the last number is counted as the first one.
    #[inline]
    pub(super) fn lane(&mut self, lane: Lane) -> u16 {
        // Nearly all are of one.
        if self.lanes.first() == Some(&lane) {
            return 0;
        }
        if let Some(known) = self.known.get(&lane) {
            return *known;
        }
        if self.lanes.len() >= LANES {
            return 0;
        }
        let number = u16::try_from(self.lanes.len()).unwrap_or(0);
        self.lanes.push(lane);
        self.known.insert(lane, number);
        number
    }

    /// The stream and pool with this number.
    pub(crate) fn lane_of(&self, lane: u16) -> Lane {
        self.lanes
            .get(usize::from(lane))
            .copied()
            .unwrap_or_default()
    }

    /// True where there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.action.is_empty()
    }

    /// The event of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Event> {
        Some(Event {
            action: *self.action.get(row)?,
            address: *self.address.get(row)?,
            size: *self.size.get(row)?,
            time: *self.time.get(row)?,
            stack: *self.stack.get(row)?,
            lane: *self.lane.get(row)?,
        })
    }

    /// What the event of a row did, with what size and when.
    pub(crate) fn change(&self, row: usize) -> Option<(Action, u64, u64)> {
        Some((
            *self.action.get(row)?,
            *self.size.get(row)?,
            *self.time.get(row)?,
        ))
    }

    /// The same of some rows.
    pub(crate) fn changes(
        &self,
        rows: std::ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (Action, u64, u64)> + '_ {
        let actions = self.action.get(rows.clone()).unwrap_or_default().iter();
        let sizes = self.size.get(rows.clone()).unwrap_or_default().iter();
        let times = self.time.get(rows).unwrap_or_default().iter();
        let rows = actions.zip(sizes).zip(times);
        rows.map(|((action, size), time)| (*action, *size, *time))
    }

    /// The address of a row.
    #[inline]
    pub(super) fn address(&self, row: usize) -> Option<u64> {
        self.address.get(row).copied()
    }

    /// The stack of a row.
    pub(crate) fn stack(&self, row: usize) -> u32 {
        self.stack.get(row).copied().unwrap_or(super::NO_STACK)
    }

    /// The requests among some rows: their places in it, and their stacks.
    pub(crate) fn requests(
        &self,
        rows: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (usize, u32)> + '_ {
        let actions = self.action.get(rows.clone()).unwrap_or_default().iter();
        let stacks = self.stack.get(rows).unwrap_or_default().iter();
        let asks = actions.zip(stacks).enumerate();
        asks.filter(|(_, (action, _))| **action == Action::Alloc)
            .map(|(place, (_, stack))| (place, *stack))
    }

    /// What the events of some rows did, without their other columns.
    pub(crate) fn actions(&self, rows: std::ops::Range<usize>) -> &[Action] {
        self.action.get(rows).unwrap_or_default()
    }
}

/// Distinct pairs of a stream and a pool that are told apart.
const LANES: usize = 4096;

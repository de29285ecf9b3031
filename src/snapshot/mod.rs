//! PyTorch's memory snapshots (`torch.cuda.memory._dump_snapshot`): read without Python and without running anything, in
//! columns, and made to answer who held the GPU when a request was refused, and why it was.
//!
//! [`Reader`] takes the bytes. [`Snapshot`] is what the file says.

pub(crate) mod account;
mod events;
mod incident;
mod memory;
pub(crate) mod moment;
mod names;
mod read;
mod rounding;
mod serve;
mod stacks;
mod state;

pub(crate) use events::{Action, Events};
pub(crate) use incident::incident;
pub(crate) use memory::{Block, Segment};
pub(crate) use names::Names;
pub(crate) use read::{ENOUGH, Reader, Trouble, form};
pub(crate) use serve::{Free, Request};
pub(crate) use stacks::{Frame, NO_STACK, Stacks};
pub(crate) use state::State;

/// The events of one device, as rows of all events; nearly always one range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The rows, in the order of time.
    pub rows: Vec<std::ops::Range<usize>>,
}

impl Trace {
    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.iter().map(ExactSizeIterator::len).sum()
    }

    /// True where nothing was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, in the order of time.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.rows.iter().flat_map(Clone::clone)
    }
}

/// The allocator's settings, as the snapshot carries them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// `PYTORCH_CUDA_ALLOC_CONF` as it was given.
    pub configured: String,
    /// The largest block that is split; `None` for no limit.
    pub max_split_size: Option<u64>,
    /// The share from which on idle blocks are given back; 0 where it is off.
    pub garbage_collection_threshold: f64,
    /// Whether segments can grow.
    pub expandable_segments: bool,
}

/// What a snapshot says.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// How many bytes were read.
    pub bytes: u64,
    /// What kept it from being read to its end.
    pub trouble: Option<Trouble>,
    /// All texts.
    pub names: Names,
    /// All call stacks.
    pub stacks: Stacks,
    /// All events.
    pub events: Events,
    /// The events of each device.
    pub traces: Vec<Trace>,
    /// All segments.
    pub segments: Vec<Segment>,
    /// The blocks of all segments.
    pub blocks: Vec<Block>,
    /// The allocator's settings; `None` before PyTorch 2.3.
    pub settings: Option<Settings>,
    /// Entries that lack what they need.
    pub lost_records: u64,
    /// True where segments were read, though there may be none.
    pub has_segments: bool,
    /// True where events were read, though there may be none.
    pub has_traces: bool,
}

impl Snapshot {
    /// The blocks of a segment.
    pub(crate) fn blocks_of(&self, segment: &Segment) -> &[Block] {
        self.blocks.get(segment.blocks.clone()).unwrap_or_default()
    }
}

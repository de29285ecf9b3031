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

    /// The positions from this one on, each with its row.
    pub(crate) fn from(&self, position: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut before = 0;
        self.rows.iter().flat_map(move |rows| {
            let passed = position.saturating_sub(before).min(rows.len());
            let first = before + passed;
            before += rows.len();
            (first..).zip(rows.start + passed..rows.end)
        })
    }

    /// The first rows.
    pub(crate) fn first(&self, count: usize) -> Vec<std::ops::Range<usize>> {
        let mut left = count;
        let ranges = self.rows.iter().map(|rows| {
            let taken = left.min(rows.len());
            left -= taken;
            rows.start..rows.start + taken
        });
        ranges.filter(|rows| !rows.is_empty()).collect()
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
    /// How powers of two are divided; 0 or 1 where they are not.
    pub divisions: rounding::Divisions,
}

/// What a snapshot says.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a part that a file may lack"
)]
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
    /// True where no event is missing because the file broke off.
    pub traces_whole: bool,
    /// True where pinned memory of the host is listed too.
    pub has_host: bool,
}

impl Snapshot {
    /// The blocks of a segment.
    pub(crate) fn blocks_of(&self, segment: &Segment) -> &[Block] {
        self.blocks.get(segment.blocks.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_of_several_ranges_is_one_row_of_positions() {
        let trace = Trace {
            rows: vec![3..5, 7..7, 10..13],
        };
        let all: Vec<(usize, usize)> = trace.iter().enumerate().collect();
        for at in 0..7 {
            let expected: Vec<_> = all.iter().copied().skip(at).collect();
            assert_eq!(trace.from(at).collect::<Vec<_>>(), expected, "{at}");
            let first: Vec<usize> = trace.first(at).into_iter().flatten().collect();
            let expected: Vec<usize> = trace.iter().take(at).collect();
            assert_eq!(first, expected, "{at}");
        }
    }
}

//! Who held a GPU's memory at one moment, as an allocator's own record tells it.

use super::{Frame, Point, named};

named! {
    /// Which moment is told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum HeldAt {
        /// A request was refused.
        Refusal => "refusal",
        /// The most was in use, of what was recorded.
        Peak => "peak",
        /// The record ends.
        End => "end",
    }
}

named! {
    /// What memory is for, as the stack that asked for it shows.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum MemoryKind {
        /// Weights and buffers of a model.
        Parameters => "parameters",
        /// Of weights: made in the backward pass, one for a weight of the same size.
        Gradients => "gradients",
        /// Made in the backward pass: what gradients are made from, and those whose weights are not known.
        Backward => "backward pass",
        /// An optimizer's states, and what its step works with.
        Optimizer => "optimizer",
        /// Made in the forward pass of a model.
        Activations => "activations",
        /// Keys and values of tokens before.
        KvCache => "KV cache",
        /// Buffers of a library: communication, workspaces.
        Library => "libraries",
        /// Made by the program outside of all these.
        Program => "the program's own",
        /// Nothing shows it.
        Unknown => "unknown",
    }
}

/// What of an owner's memory stays from one round of the program to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accumulates {
    /// How many rounds left something behind.
    pub rounds: u64,
    /// What a round leaves, in the middle.
    pub per_round: u64,
    /// What all of them left together.
    pub bytes: u64,
}

/// A line of the program and the memory that it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user's own line, or the innermost one where none is; `None` where no stack was recorded.
    pub frame: Option<Frame>,
    /// The innermost function of a library below it, which says what was made there; or empty.
    pub through: String,
    /// The bytes in use.
    pub bytes: u64,
    /// In so many blocks.
    pub blocks: u64,
    /// What most of it is for.
    pub kind: MemoryKind,
    /// Whether it piles up.
    pub accumulates: Option<Accumulates>,
}

/// A call stack and the memory that it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldStack {
    /// Its frames, outermost first, with `;` between them: `main (train.py:3);step (train.py:9)`.
    pub frames: String,
    /// Which of them are the user's own code, by their places.
    pub own: Vec<usize>,
    /// The bytes in use.
    pub bytes: u64,
    /// In so many blocks.
    pub blocks: u64,
}

/// A range of memory that the driver gave, and which of it is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSegment {
    /// Its size.
    pub size: u64,
    /// The stream that it serves; 0 is the default stream.
    pub stream: i64,
    /// True where it serves requests up to 1 MiB.
    pub small: bool,
    /// True where it belongs to a CUDA graph or a `MemPool`.
    pub private: bool,
    /// What is in use: where it begins and its size; neighbours are one.
    pub used: Vec<(u64, u64)>,
}

/// Free bytes of the allocator, by what keeps them from serving a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdleMemory {
    /// In the pool and stream that the request may use.
    pub usable: u64,
    /// The largest piece of that.
    pub largest: u64,
    /// In how many pieces it lies.
    pub pieces: u64,
    /// Of other streams.
    pub other_streams: u64,
    /// In pools of CUDA graphs or a `MemPool`.
    pub private_pools: u64,
    /// In how many of those.
    pub private_count: u64,
    /// In the pool of requests of the other size.
    pub other_size: u64,
    /// True where the request is above 1 MiB, so that the other size is up to that.
    pub large: bool,
    /// Given back by the program while another stream may still use it.
    pub pending: u64,
}

/// The allocator's pool that memory is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolOf {
    /// For requests up to 1 MiB.
    Small,
    /// For larger ones.
    Large,
    /// Of a CUDA graph or a `MemPool`, by its number.
    Private(i64, i64),
}

/// What a part of the program, a stream or a pool holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPart<T> {
    /// Which; `None` for all of which it is not known, and for those beyond the largest.
    pub of: Option<T>,
    /// The bytes handed out.
    pub bytes: u64,
    /// In so many blocks.
    pub blocks: u64,
}

/// What is handed out, in three ways, each of which sums up to all of it; the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldParts {
    /// By the file of the line that asked.
    pub files: Vec<HeldPart<String>>,
    /// By the stream; 0 is the default stream.
    pub streams: Vec<HeldPart<i64>>,
    /// By the pool.
    pub pools: Vec<HeldPart<PoolOf>>,
}

/// What the program would have asked for next, as rounds before show that came to the same request by the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// How far memory rose after that request until the program came back to it, beyond what the request itself took: at the
    /// least.
    pub low: u64,
    /// At the most.
    pub high: u64,
    /// In how many rounds that was seen.
    pub rounds: u64,
    /// What the driver and the allocator had free for the program when the request was refused.
    pub left: u64,
}

/// What is left of an attempt that was refused, while another is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// The line of the program that made the attempt.
    pub place: String,
    /// What it still holds.
    pub bytes: u64,
}

/// Who held one GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// The record, as the user named it.
    pub source: String,
    /// The GPU.
    pub device: u32,
    /// When.
    pub at: HeldAt,
    /// How many requests were refused before this one.
    pub refusals_before: u64,
    /// How many events follow the moment in the record.
    pub events_after: u64,
    /// How many events of this GPU the record has.
    pub events: u64,
    /// From the first to the last event, in microseconds; 0 where the record has no times.
    pub micros: u64,
    /// Held by the allocator.
    pub reserved: u64,
    /// In use.
    pub allocated: u64,
    /// What the program asked for in that, before rounding.
    pub requested: u64,
    /// Free in the allocator.
    pub idle: IdleMemory,
    /// In use and asked for before the recording began.
    pub older: u64,
    /// How many requests came before the record began, or were lost from it, at the least.
    pub requests_before: u64,
    /// Who asked for it, largest first.
    pub owners: Vec<Owner>,
    /// The same by whole call stacks, largest first.
    pub stacks: Vec<HeldStack>,
    /// The largest segments, largest first.
    pub segments: Vec<HeldSegment>,
    /// How many segments there are.
    pub segment_count: u64,
    /// What it is for, largest first.
    pub kinds: Vec<(MemoryKind, u64)>,
    /// The same by file, by stream and by pool.
    pub parts: HeldParts,
    /// What would have been asked for after the refused request; `None` where no round shows it.
    pub next: Option<Next>,
    /// What was in use over time: microseconds since the first event, or events where there are no times.
    pub course: Vec<Point>,
    /// What an attempt holds that was refused before this request, where the program tried again.
    pub retried: Option<Retried>,
    /// What else to know of the record, as sentences.
    pub remarks: Vec<String>,
}

impl Holdings {
    /// The owner that piles up most.
    pub fn accumulating(&self) -> Option<&Owner> {
        let piles = self
            .owners
            .iter()
            .filter(|owner| owner.accumulates.is_some());
        piles.max_by_key(|owner| owner.accumulates.map_or(0, |piled| piled.bytes))
    }

    /// What all owners that pile up hold by that.
    pub fn accumulated(&self) -> u64 {
        let piled = self.owners.iter().filter_map(|owner| owner.accumulates);
        piled.map(|piled| piled.bytes).fold(0, u64::saturating_add)
    }
}

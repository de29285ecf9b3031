//! The memory of a snapshot: segments that the driver gave, and the blocks that they are cut into.

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A tensor or a workspace lives in it.
    Active,
    /// The program gave it back, and another stream may still use it.
    Pending,
    /// Free.
    Inactive,
}

/// A piece of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it begins.
    pub address: u64,
    /// What it takes, rounding included.
    pub size: u64,
    /// What was asked for; 0 where it is free or the version does not say.
    pub requested: u64,
    /// Whether it is in use.
    pub state: State,
    /// The stack that asked for it.
    pub stack: u32,
}

/// Memory that came from the driver in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The GPU.
    pub device: u32,
    /// Where it begins.
    pub address: u64,
    /// Its size.
    pub total: u64,
    /// The stream that it serves.
    pub stream: i64,
    /// True for the pool of requests above 1 MiB.
    pub large: bool,
    /// The pool: `(0, 0)` is the common one, anything else is private to a CUDA graph or a `MemPool`.
    pub pool: (i64, i64),
    /// True where it can grow.
    pub expandable: bool,
    /// The stack that made the allocator ask the driver.
    pub stack: u32,
    /// Its blocks, as rows of the list of all blocks.
    pub blocks: std::ops::Range<usize>,
}

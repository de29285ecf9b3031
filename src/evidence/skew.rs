//! What the ranks of one job held, beside each other: which held the most, and of what.

use super::{Frame, HeldAt, MemoryKind};

/// What the processes of a job are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The rank that a name tells.
    Rank,
    /// The GPU that the record is of.
    Gpu,
}

impl Side {
    /// The word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::Gpu => "GPU",
        }
    }
}

/// What one rank held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankHeld {
    /// The rank, or the GPU.
    pub number: u32,
    /// Its record.
    pub source: String,
    /// The GPU.
    pub device: u32,
    /// When: of ranks that failed at the failure, of others at their peak.
    pub at: HeldAt,
    /// In use.
    pub allocated: u64,
    /// Held by the allocator.
    pub reserved: u64,
}

/// Memory of one kind or of one line, in every rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uneven {
    /// The line; `None` for all of a kind.
    pub frame: Option<Frame>,
    /// What it is for.
    pub kind: MemoryKind,
    /// What each rank held of it, in the order of the ranks.
    pub bytes: Vec<u64>,
}

impl Uneven {
    /// Between the rank that holds the least and the one that holds the most.
    pub fn spread(&self) -> u64 {
        let most = self.bytes.iter().max().copied().unwrap_or(0);
        most - self.bytes.iter().min().copied().unwrap_or(0)
    }
}

/// The ranks of one job beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skew {
    /// What tells them apart.
    pub side: Side,
    /// The ranks, in their order; at least two.
    pub ranks: Vec<RankHeld>,
    /// The kinds of memory, what differs most first.
    pub kinds: Vec<Uneven>,
    /// The lines that do not hold the same in all ranks, what differs most first.
    pub lines: Vec<Uneven>,
}

impl Skew {
    /// The places of the rank that holds the least and of the one that holds the most; of equals the lower rank.
    pub fn ends(&self) -> (usize, usize) {
        ends(self.ranks.iter().map(|rank| rank.allocated))
    }

    /// Between those two.
    pub fn spread(&self) -> u64 {
        let (least, most) = self.ends();
        let held = |at: usize| self.ranks.get(at).map_or(0, |rank| rank.allocated);
        held(most).saturating_sub(held(least))
    }
}

/// The places of the least and of the most; of equals the first.
pub fn ends(bytes: impl Iterator<Item = u64>) -> (usize, usize) {
    let (mut least, mut most) = ((0, u64::MAX), (0, 0));
    for (at, bytes) in bytes.enumerate() {
        if bytes < least.1 {
            least = (at, bytes);
        }
        if bytes > most.1 {
            most = (at, bytes);
        }
    }
    (least.0, most.0)
}

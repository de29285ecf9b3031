//! The ranks of a job beside each other, by their memory snapshots, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::failure::FrameReport;
#[cfg(test)]
use crate::evidence::Side;
use crate::evidence::{HeldAt, RankHeld, Skew, Uneven};

/// The ranks of one job beside each other.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct SkewReport {
    /// What tells them apart: the rank that a name tells, or the GPU.
    #[cfg_attr(test, schemars(extend("enum" = [Side::Rank.name(), Side::Gpu.name()])))]
    by: &'static str,
    /// Bytes in use between the rank that holds the least and the one that holds the most.
    spread: u64,
    /// The ranks, in their order.
    ranks: Vec<RankReport>,
    /// The kinds of memory, what differs most first.
    kinds: Vec<UnevenReport>,
    /// The lines that differ by a MiB and more, what differs most first.
    lines: Vec<UnevenReport>,
}

/// One rank.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct RankReport {
    /// Its number.
    number: u32,
    /// Its snapshot.
    source: String,
    /// The GPU.
    device: u32,
    /// Which moment: a refused request, the peak of the record, or the end where nothing else is known.
    #[cfg_attr(test, schemars(extend("enum" = ["refusal", "peak", "end"])))]
    at: &'static str,
    /// Bytes in use.
    allocated: u64,
    /// Bytes that the allocator held.
    reserved: u64,
}

/// What each rank holds of one kind, or of one line.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct UnevenReport {
    /// The line; left out for all of a kind, and where no stack was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<FrameReport>,
    /// What the memory is for.
    kind: &'static str,
    /// Between the least and the most.
    spread: u64,
    /// Bytes of each rank, in the order of `ranks`.
    bytes: Vec<u64>,
}

impl From<&RankHeld> for RankReport {
    fn from(rank: &RankHeld) -> Self {
        Self {
            number: rank.number,
            source: rank.source.clone(),
            device: rank.device,
            at: HeldAt::name(rank.at),
            allocated: rank.allocated,
            reserved: rank.reserved,
        }
    }
}

impl From<&Uneven> for UnevenReport {
    fn from(uneven: &Uneven) -> Self {
        Self {
            frame: uneven.frame.as_ref().map(FrameReport::from),
            kind: uneven.kind.name(),
            spread: uneven.spread(),
            bytes: uneven.bytes.clone(),
        }
    }
}

impl From<&Skew> for SkewReport {
    fn from(skew: &Skew) -> Self {
        Self {
            by: skew.side.name(),
            spread: skew.spread(),
            ranks: skew.ranks.iter().map(RankReport::from).collect(),
            kinds: skew.kinds.iter().map(UnevenReport::from).collect(),
            lines: skew.lines.iter().map(UnevenReport::from).collect(),
        }
    }
}

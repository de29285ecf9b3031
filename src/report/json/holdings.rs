//! Who held a GPU by a memory snapshot, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::failure::FrameReport;
use super::parts::{ByFile, ByPool, ByStream};
use crate::evidence::{Accumulates, HeldAt, Holdings, Owner};
use crate::report::rounds::{Pile, piles};

/// Who held one GPU.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HoldingsReport {
    /// The snapshot.
    source: String,
    /// The GPU.
    device: u32,
    /// Which moment: a refused request, the peak of the record, or the end where nothing else is known.
    #[cfg_attr(test, schemars(extend("enum" = ["refusal", "peak", "end"])))]
    at: &'static str,
    /// How many events the record has.
    events: u64,
    /// How many of them came after this moment and were taken back.
    events_after: u64,
    /// How many requests were refused before in the same record.
    refusals_before: u64,
    /// From the first to the last event, in microseconds; null where the record has no times.
    micros: Option<u64>,
    /// In how many segments the allocator held memory.
    segments: u64,
    /// Bytes that the allocator held.
    reserved: u64,
    /// Bytes in use.
    allocated: u64,
    /// Bytes that the program asked for in that, before rounding.
    requested: u64,
    /// Bytes in use that were asked for before the record began.
    older: u64,
    /// How many requests came before the record began, or were lost from it, at the least.
    requests_before: u64,
    /// Bytes free in the allocator.
    idle: IdleReport,
    /// The lines of the program that hold memory, largest first.
    owners: Vec<OwnerReport>,
    /// What stays from round to round, on the tree of the calls that lead to it: the outermost calls, the largest first. Empty where
    /// nothing does.
    piles_up: Vec<PileReport>,
    /// What the memory is for, largest first.
    kinds: Vec<KindReport>,
    /// Bytes in use by the file of the line that asked, largest first; they sum up to `allocated`.
    by_file: Vec<ByFile>,
    /// The same by stream.
    by_stream: Vec<ByStream>,
    /// The same by the allocator's pool.
    by_pool: Vec<ByPool>,
    /// What the program would have asked for after the refused request, by rounds before; null where none shows it.
    next: Option<NextReport>,
    /// What else to know of the record, as sentences.
    remarks: Vec<String>,
}

/// Free bytes by what keeps them from serving the request.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct IdleReport {
    /// In the pool and stream that the request may use.
    usable: u64,
    /// The largest piece of that.
    largest: u64,
    /// In how many pieces it lies.
    pieces: u64,
    /// Of other streams.
    other_streams: u64,
    /// In private pools of CUDA graphs or a `MemPool`.
    private_pools: u64,
    /// In the pool for requests of the other size: above or up to 1 MiB.
    other_size: u64,
    /// Given back by the program, while another stream may still use it.
    pending: u64,
}

/// How far memory rose in rounds before after the same request, until the program came back to it.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct NextReport {
    /// Bytes beyond the request itself, at the least; 0 where the request was the peak.
    low: u64,
    /// At the most.
    high: u64,
    /// In how many rounds that was seen.
    rounds: u64,
}

/// One line of the program.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct OwnerReport {
    /// The user's own line, or the innermost one; null where no stack was recorded.
    frame: Option<FrameReport>,
    /// The innermost function of a library below it, or empty.
    through: String,
    /// Bytes in use.
    bytes: u64,
    /// In so many blocks.
    blocks: u64,
    /// What most of it is for.
    kind: &'static str,
    /// What of it stays from one round of the program to the next; left out where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    accumulates: Option<AccumulatesReport>,
}

/// What stays.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct AccumulatesReport {
    /// How many rounds left something.
    rounds: u64,
    /// Bytes that a round leaves, in the middle.
    per_round: u64,
    /// Bytes that all of them left.
    bytes: u64,
}

/// A call of the program's own below which memory piles up.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct PileReport {
    /// The function.
    function: String,
    /// Its file; left out where the record has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// Bytes in use of it and of all that it calls.
    bytes: u64,
    /// What of it stays, where this is the line that asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    accumulates: Option<AccumulatesReport>,
    /// The calls below, the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<PileReport>,
}

impl From<&Pile<'_>> for PileReport {
    fn from(pile: &Pile<'_>) -> Self {
        Self {
            function: pile.function.to_owned(),
            file: pile.at.map(|(file, _)| file.to_owned()),
            line: pile.at.map(|(_, line)| line),
            bytes: pile.bytes,
            accumulates: pile.stays.map(AccumulatesReport::from),
            calls: pile.calls.iter().map(Self::from).collect(),
        }
    }
}

impl From<Accumulates> for AccumulatesReport {
    fn from(piled: Accumulates) -> Self {
        Self {
            rounds: piled.rounds,
            per_round: piled.per_round,
            bytes: piled.bytes,
        }
    }
}

/// One kind of memory.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct KindReport {
    /// The kind.
    kind: &'static str,
    /// Bytes in use.
    bytes: u64,
}

impl From<&Owner> for OwnerReport {
    fn from(owner: &Owner) -> Self {
        Self {
            frame: owner.frame.as_ref().map(FrameReport::from),
            through: owner.through.clone(),
            bytes: owner.bytes,
            blocks: owner.blocks,
            kind: owner.kind.name(),
            accumulates: owner.accumulates.map(AccumulatesReport::from),
        }
    }
}

impl From<&Holdings> for HoldingsReport {
    fn from(held: &Holdings) -> Self {
        let idle = &held.idle;
        let kinds = held.kinds.iter().map(|(kind, bytes)| KindReport {
            kind: kind.name(),
            bytes: *bytes,
        });
        Self {
            source: held.source.clone(),
            device: held.device,
            at: HeldAt::name(held.at),
            events: held.events,
            events_after: held.events_after,
            refusals_before: held.refusals_before,
            micros: (held.micros > 0).then_some(held.micros),
            segments: held.segment_count,
            reserved: held.reserved,
            allocated: held.allocated,
            requested: held.requested,
            older: held.older,
            requests_before: held.requests_before,
            idle: IdleReport {
                usable: idle.usable,
                largest: idle.largest,
                pieces: idle.pieces,
                other_streams: idle.other_streams,
                private_pools: idle.private_pools,
                other_size: idle.other_size,
                pending: idle.pending,
            },
            owners: held.owners.iter().map(OwnerReport::from).collect(),
            piles_up: piles(held).iter().map(PileReport::from).collect(),
            kinds: kinds.collect(),
            by_file: held.parts.files.iter().map(ByFile::from).collect(),
            by_stream: held.parts.streams.iter().map(ByStream::from).collect(),
            by_pool: held.parts.pools.iter().map(ByPool::from).collect(),
            next: held.next.map(|next| NextReport {
                low: next.low,
                high: next.high,
                rounds: next.rounds,
            }),
            remarks: held.remarks.clone(),
        }
    }
}

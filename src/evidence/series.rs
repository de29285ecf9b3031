//! Telemetry: a series of memory readings in a log, and what can be said of its course.

use crate::bytes::Bytes;

/// What a reading counts. Only a counter that could have fallen can prove a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Handed out to tensors now.
    Allocated,
    /// Held by the allocator now; falls only when the cache is emptied.
    Reserved,
    /// All memory of the process on the device, as the driver books it.
    Process,
    /// All memory in use on the device, whoever holds it.
    DeviceUsed,
    /// The most allocated, since the start or since the last print.
    PeakAllocated,
    /// The most reserved, since the start or since the last print.
    PeakReserved,
    /// GPU memory of a kind that the print does not tell.
    Other,
}

impl Counter {
    /// The counter in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::Reserved => "reserved",
            Self::Process => "process",
            Self::DeviceUsed => "device-used",
            Self::PeakAllocated => "peak-allocated",
            Self::PeakReserved => "peak-reserved",
            Self::Other => "other",
        }
    }
}

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step, iteration, fold or epoch printed with it; the reading's ordinal number where none is.
    pub step: u64,
    /// The reading, with its rounding.
    pub bytes: Bytes,
    /// The line of the raw input, from 1.
    pub line: u64,
}

/// How a series runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrendVerdict {
    /// Rises steadily to the end.
    Grows,
    /// Settles.
    Plateaus,
    /// Rises and falls again and again around one level.
    SawTooth,
    /// Changes level at a few places.
    Jumps,
    /// Too few readings to say.
    #[default]
    TooShort,
}

impl TrendVerdict {
    /// The verdict in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grows => "grows",
            Self::Plateaus => "plateaus",
            Self::SawTooth => "saw-tooth",
            Self::Jumps => "jumps",
            Self::TooShort => "too-short",
        }
    }
}

/// What the course of a series says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// How it runs.
    pub verdict: TrendVerdict,
    /// Bytes per printed step (may be negative), and the error of that; `None` unless it grows.
    pub per_step: Option<(i64, u64)>,
    /// The step at which the growth began.
    pub since: Option<u64>,
    /// How much it grew from there to the last reading.
    pub grown: u64,
    /// Why the growth is no fault: what the step counts is itself the size of the work ("token", "batch size").
    pub by_design: Option<&'static str>,
    /// What else would draw the same curve, as half a sentence, and which reading would tell.
    pub caution: Option<&'static str>,
}

/// Readings of one counter, in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The input that they were read from.
    pub source: String,
    /// What is counted.
    pub counter: Counter,
    /// True where the counter is a peak that nothing resets: weak evidence.
    pub running_peak: bool,
    /// The words that introduce it ("memory allocated", "`GPU_mem`"), to tell two series of one counter apart.
    pub label: String,
    /// What the step counts ("step", "epoch", "fold", "reading").
    pub step_name: String,
    /// The rank that printed it, where lines say.
    pub rank: Option<u32>,
    /// The device that it is about, where lines say.
    pub device: Option<u32>,
    /// How many readings there were.
    pub count: u64,
    /// The readings; of a long series only some, the first, the last and the extremes among them.
    pub points: Vec<Point>,
    /// Their course.
    pub trend: Trend,
}

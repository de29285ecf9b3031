//! Telemetry: a series of memory readings in a log, and what can be said of its course.

use super::named;
use crate::bytes::Bytes;

named! {
    /// What a reading counts. Only a counter that could have fallen can prove a leak.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Counter {
        /// Handed out to tensors now.
        Allocated => "allocated",
        /// Held by the allocator now; falls only when the cache is emptied.
        Reserved => "reserved",
        /// All memory of the process on the device, as the driver books it.
        Process => "process",
        /// All memory in use on the device, whoever holds it.
        DeviceUsed => "device-used",
        /// The most allocated, since the start or since the last print.
        PeakAllocated => "peak-allocated",
        /// The most reserved, since the start or since the last print.
        PeakReserved => "peak-reserved",
        /// GPU memory of a kind that the print does not tell.
        Other => "other",
    }
}

impl Counter {
    /// True where it counts what tensors hold, and not what an allocator or a driver keeps for them.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Allocated | Self::PeakAllocated | Self::Other)
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

named! {
    /// How a series runs.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum TrendVerdict {
        /// Rises steadily to the end.
        Grows => "grows",
        /// Settles.
        Plateaus => "plateaus",
        /// Rises and falls again and again around one level.
        SawTooth => "saw-tooth",
        /// Changes level at a few places.
        Jumps => "jumps",
        /// Too few readings to say.
        #[default]
        TooShort => "too-short",
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

impl Series {
    /// The step at which a growing series would hold `capacity` bytes; `None` where it does not grow.
    pub fn meets(&self, capacity: u64) -> Option<u64> {
        let (slope, _) = self.trend.per_step?;
        let slope = u64::try_from(slope).ok().filter(|s| *s > 0)?;
        let last = self.points.last()?;
        let missing = capacity.saturating_sub(last.bytes.mid());
        last.step.checked_add(missing.div_ceil(slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(per_step: Option<(i64, u64)>) -> Series {
        Series {
            source: String::new(),
            counter: Counter::Allocated,
            running_peak: false,
            label: String::new(),
            step_name: "step".to_owned(),
            rank: None,
            device: None,
            count: 1,
            points: vec![Point {
                step: 150,
                bytes: Bytes::exact(100),
                line: 1,
            }],
            trend: Trend {
                per_step,
                ..Trend::default()
            },
        }
    }

    #[test]
    fn growth_meets_the_card_where_its_line_says() {
        assert_eq!(series(Some((10, 1))).meets(200), Some(160));
        assert_eq!(series(Some((10, 1))).meets(50), Some(150));
    }

    #[test]
    fn what_does_not_grow_meets_nothing() {
        assert_eq!(series(None).meets(200), None);
        assert_eq!(series(Some((-10, 1))).meets(200), None);
    }
}

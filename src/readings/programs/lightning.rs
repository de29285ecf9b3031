//! The entries of Lightning's `DeviceStatsMonitor`, in bytes.

use super::{Example, Format, gauge, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "lightning",
    printed_by: "lightning/pytorch/callbacks/device_stats_monitor.py and accelerators/cuda.py",
    marks: &["/allocated_bytes.all.", "/reserved_bytes.all."],
    fields: &[
        gauge(
            "/allocated_bytes.all.current': ",
            Counter::Allocated,
            Some(1),
        ),
        running(
            "/allocated_bytes.all.peak': ",
            Counter::PeakAllocated,
            Some(1),
        ),
        gauge("/reserved_bytes.all.current': ", Counter::Reserved, Some(1)),
        running(
            "/reserved_bytes.all.peak': ",
            Counter::PeakReserved,
            Some(1),
        ),
    ],
    examples: &[Example {
        lines: "{'step': 50, 'DeviceStatsMonitor.on_train_batch_end/allocated_bytes.all.current': 4294967296, 'DeviceStatsMonitor.on_train_batch_end/reserved_bytes.all.peak': 8589934592.0}",
        reads: &[
            (Counter::Allocated, Some(50), "4 GiB"),
            (Counter::PeakReserved, Some(50), "8 GiB"),
        ],
    }],
    ..Format::EMPTY
};

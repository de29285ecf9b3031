//! Composer's `MemoryMonitor`, as its console logger prints it: GB of powers of ten, five digits of them.

use super::{Example, Format, gauge};
use crate::evidence::Counter;

/// The callback divides by `1.0e9`.
const GB: u64 = 1_000_000_000;

pub(super) static FORMAT: Format = Format {
    id: "composer",
    printed_by: "composer/callbacks/memory_monitor.py and loggers/console_logger.py (peaks are reset where the trainer says so)",
    marks: &["_allocated_mem", "_reserved_mem"],
    needs: &["memory/"],
    fields: &[
        gauge("current_allocated_mem: ", Counter::Allocated, Some(GB)),
        gauge("current_reserved_mem: ", Counter::Reserved, Some(GB)),
        gauge("peak_allocated_mem: ", Counter::PeakAllocated, Some(GB)),
        gauge("peak_reserved_mem: ", Counter::PeakReserved, Some(GB)),
    ],
    examples: &[
        Example {
            lines: "\t Train memory/current_allocated_mem: 12.3450\n\t Train memory/peak_allocated_mem: 22.3450\n\t Train memory/peak_reserved_mem: 23.1000",
            reads: &[
                (Counter::Allocated, None, "11.5 GiB"),
                (Counter::PeakAllocated, None, "20.8 GiB"),
                (Counter::PeakReserved, None, "21.5 GiB"),
            ],
        },
        Example {
            lines: "\t Train memory/alloc_retries: 0",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

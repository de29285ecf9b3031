//! torchtune's step line: peaks in GiB since the last step.

use super::{Example, Format, gauge};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "torchtune",
    printed_by: "torchtune/training/memory.py (get_memory_stats, reset_stats) and metric_logging.py",
    marks: &["peak_memory_"],
    fields: &[
        gauge("peak_memory_active:", Counter::PeakAllocated, Some(GIB)),
        gauge("peak_memory_alloc:", Counter::PeakAllocated, Some(GIB)),
        gauge("peak_memory_reserved:", Counter::PeakReserved, Some(GIB)),
    ],
    examples: &[Example {
        lines: "Step 12 | loss:1.23 lr:2e-05 tokens_per_second_per_gpu:812.1 peak_memory_active:18.1 peak_memory_alloc:18.1 peak_memory_reserved:22.4",
        reads: &[
            (Counter::PeakAllocated, Some(12), "18.1 GiB"),
            (Counter::PeakAllocated, Some(12), "18.1 GiB"),
            (Counter::PeakReserved, Some(12), "22.4 GiB"),
        ],
    }],
    ..Format::EMPTY
};

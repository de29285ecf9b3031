//! verl's step line with never-reset peaks, and its line of four counters.

use super::{Example, Format, gauge, running};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "verl",
    printed_by: "verl/utils/profiler/performance.py (log_gpu_memory_usage) and workers/fsdp_workers.py (perf/ metrics)",
    marks: &["perf/max_memory_", "memory allocated (gb): "],
    fields: &[
        running(
            "perf/max_memory_allocated_gb:",
            Counter::PeakAllocated,
            Some(GIB),
        ),
        running(
            "perf/max_memory_reserved_gb:",
            Counter::PeakReserved,
            Some(GIB),
        ),
        gauge("memory allocated (GB): ", Counter::Allocated, Some(GIB)),
        gauge("memory reserved (GB): ", Counter::Reserved, Some(GIB)),
        gauge(
            "device memory used/total (GB): ",
            Counter::DeviceUsed,
            Some(GIB),
        ),
    ],
    examples: &[
        Example {
            lines: "step:12 - actor/pg_loss:0.1 - perf/max_memory_allocated_gb:42.85 - perf/max_memory_reserved_gb:60.39 - perf/cpu_memory_used_gb:143.2",
            reads: &[
                (Counter::PeakAllocated, Some(12), "42.85 GiB"),
                (Counter::PeakReserved, Some(12), "60.39 GiB"),
            ],
        },
        Example {
            lines: "After FSDP, memory allocated (GB): 5.82, memory reserved (GB): 7.36, device memory used/total (GB): 23.89/39.91",
            reads: &[
                (Counter::Allocated, None, "5.82 GiB"),
                (Counter::Reserved, None, "7.36 GiB"),
                (Counter::DeviceUsed, None, "23.89 GiB"),
            ],
        },
    ],
    ..Format::EMPTY
};

//! detectron2's event line: the most that was ever allocated, in MiB, and the counters of its memory hook.

use super::{Example, Format, gauge, running};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "detectron2",
    printed_by: "detectron2/utils/events.py (CommonMetricPrinter) and engine/hooks.py (TorchMemoryStats)",
    marks: &["max_mem: ", "allocated_mem: "],
    fields: &[
        running("max_mem: ", Counter::PeakAllocated, Some(MIB)),
        gauge("max_reserved_mem: ", Counter::PeakReserved, Some(MIB)),
        gauge("reserved_mem: ", Counter::Reserved, Some(MIB)),
        gauge("max_allocated_mem: ", Counter::PeakAllocated, Some(MIB)),
        gauge("allocated_mem: ", Counter::Allocated, Some(MIB)),
    ],
    examples: &[
        Example {
            lines: " eta: 1:23:45  iter: 1999  total_loss: 0.9  time: 0.3  lr: 0.02  max_mem: 1234M",
            reads: &[(Counter::PeakAllocated, Some(1999), "1.2 GiB")],
        },
        Example {
            lines: " iter: 19  max_reserved_mem: 5000MB  reserved_mem: 4900MB  max_allocated_mem: 4100MB  allocated_mem: 2048MB",
            reads: &[
                (Counter::PeakReserved, Some(19), "4.9 GiB"),
                (Counter::Reserved, Some(19), "4.8 GiB"),
                (Counter::PeakAllocated, Some(19), "4 GiB"),
                (Counter::Allocated, Some(19), "2 GiB"),
            ],
        },
    ],
    ..Format::EMPTY
};

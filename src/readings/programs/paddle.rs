//! Paddle's training line: peaks that are never reset, or what is held now.

use super::{Example, Format, gauge, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "paddle",
    printed_by: "PaddleDetection ppdet/engine/callbacks.py and its kin (device.cuda.max_memory_allocated // 1024**2)",
    marks: &["max_mem_reserved: ", "mem_allocated: "],
    fields: &[
        running("max_mem_reserved: ", Counter::PeakReserved, None),
        running("max_mem_allocated: ", Counter::PeakAllocated, None),
        gauge("mem_allocated: ", Counter::Allocated, None),
        gauge("mem_reserved: ", Counter::Reserved, None),
    ],
    examples: &[Example {
        lines: "Epoch: [0] [ 20/500] learning_rate: 0.001 loss: 2.1 eta: 1:00:00 ips: 21.3 images/s, max_mem_reserved: 6045 MB, max_mem_allocated: 5424 MB",
        reads: &[
            (Counter::PeakReserved, Some(20), "5.9 GiB"),
            (Counter::PeakAllocated, Some(20), "5.3 GiB"),
        ],
    }],
    ..Format::EMPTY
};

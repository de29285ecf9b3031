//! Megatron-LM's memory line: four counters of one rank in MiB.

use super::{Example, Format, gauge, running};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "megatron",
    printed_by: "megatron/training/utils.py (report_memory); the peaks are never reset",
    marks: &["memory (mb) |"],
    fields: &[
        gauge("| allocated: ", Counter::Allocated, Some(MIB)),
        running("max allocated: ", Counter::PeakAllocated, Some(MIB)),
        gauge("| reserved: ", Counter::Reserved, Some(MIB)),
        running("max reserved: ", Counter::PeakReserved, Some(MIB)),
        gauge("total device memory used: ", Counter::DeviceUsed, Some(MIB)),
    ],
    examples: &[
        Example {
            lines: "[Rank 0] (after 2 iterations) memory (MB) | allocated: 30211.40 | max allocated: 61234.10 | reserved: 65012.00 | max reserved: 65012.00 | total device memory used: 68123.00",
            reads: &[
                (Counter::Allocated, Some(2), "30211.40 MiB"),
                (Counter::PeakAllocated, Some(2), "61234.10 MiB"),
                (Counter::Reserved, Some(2), "65012.00 MiB"),
                (Counter::PeakReserved, Some(2), "65012.00 MiB"),
                (Counter::DeviceUsed, Some(2), "68123.00 MiB"),
            ],
        },
        Example {
            lines: "Theoretical memory footprints: weight and optimizer=12345.67 MB, activation=2345.00 MB, total=14690.67 MB",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

//! `see_memory_usage()`: allocated and cached, and the most of both since the last call.

use super::{Example, Format, gauge, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "deepspeed",
    printed_by: "deepspeed/runtime/utils.py (see_memory_usage resets the peaks at each call)",
    marks: &["max_ma ", " memstats "],
    fields: &[
        gauge("MA ", Counter::Allocated, None),
        gauge("Max_MA ", Counter::PeakAllocated, None),
        gauge("CA ", Counter::Reserved, None),
        gauge("Max_CA ", Counter::PeakReserved, None),
        // `memory_status()`; its peak is reset only where the caller says so.
        gauge("current alloc=", Counter::Allocated, None),
        running("max=", Counter::PeakAllocated, None),
        gauge("current cache=", Counter::Reserved, None),
    ],
    examples: &[
        Example {
            lines: "[2025-02-03 10:20:30,124] [INFO] [utils.py:782:see_memory_usage] MA 12.52 GB         Max_MA 14.01 GB         CA 15.3 GB         Max_CA 15 GB ",
            reads: &[
                (Counter::Allocated, None, "12.52 GiB"),
                (Counter::PeakAllocated, None, "14.01 GiB"),
                (Counter::Reserved, None, "15.3 GiB"),
                (Counter::PeakReserved, None, "15 GiB"),
            ],
        },
        Example {
            lines: "RANK=0 MEMSTATS after backward device=cuda:0 current alloc=12.5200GB (delta=0.1000GB max=14.0100GB) current cache=15.3000GB (delta=0.0000GB max=15.3000GB)",
            reads: &[
                (Counter::Allocated, None, "12.5 GiB"),
                (Counter::PeakAllocated, None, "14 GiB"),
                (Counter::Reserved, None, "15.3 GiB"),
            ],
        },
    ],
    ..Format::EMPTY
};

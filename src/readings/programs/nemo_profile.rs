//! `NeMo`'s callback for memory profiles: what is allocated, and the most that was reserved, in GiB with all digits.

use super::{Example, Format, gauge, running};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nemo-profile",
    printed_by: "nemo/lightning/pytorch/callbacks/memory_profiler.py (divides by 1024 three times, never resets the peak)",
    marks: &[" mem: "],
    needs: &["on_train_batch_end rank: "],
    fields: &[
        gauge(" mem: ", Counter::Allocated, Some(GIB)),
        running(" / ", Counter::PeakReserved, Some(GIB)),
    ],
    examples: &[Example {
        lines: "on_train_batch_end rank: 0 mem: 12.525390625 / 15.947265625",
        reads: &[
            (Counter::Allocated, None, "12.5 GiB"),
            (Counter::PeakReserved, None, "15.9 GiB"),
        ],
    }],
    ..Format::EMPTY
};

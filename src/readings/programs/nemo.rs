//! `NeMo`'s batch-size search: what is allocated, and the most that was.

use super::{Example, Format, gauge, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nemo",
    printed_by: "scripts/speech_recognition/oomptimizer.py (prints around each step of its search)",
    marks: &["[cuda ram "],
    fields: &[
        gauge("[CUDA RAM CURRENT: ", Counter::Allocated, None),
        running("[CUDA RAM MAX: ", Counter::PeakAllocated, None),
    ],
    examples: &[Example {
        lines: "[BEGIN step] [CUDA RAM CURRENT: 1234.5MB] [CUDA RAM MAX: 5678.9MB]",
        reads: &[
            (Counter::Allocated, None, "1234.5 MiB"),
            (Counter::PeakAllocated, None, "5678.9 MiB"),
        ],
    }],
    ..Format::EMPTY
};

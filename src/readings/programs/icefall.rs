//! icefall's and k2's line: the most that was ever allocated, in millions of bytes.

use super::{Example, Format, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "icefall",
    printed_by: "icefall/egs/*/ASR/*/train.py (max_memory_allocated() // 1000000)",
    marks: &["maximum memory allocated so far is "],
    fields: &[running(
        "Maximum memory allocated so far is ",
        Counter::PeakAllocated,
        Some(1_000_000),
    )],
    examples: &[Example {
        lines: "Epoch 3, batch 150, Maximum memory allocated so far is 21450MB",
        reads: &[(Counter::PeakAllocated, Some(150), "20 GiB")],
    }],
    ..Format::EMPTY
};

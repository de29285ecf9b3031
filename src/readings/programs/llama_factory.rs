//! LLaMA-Factory's log with `RECORD_VRAM=1`: peaks that are never reset, in GiB.

use super::{Example, Format, running};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "llama-factory",
    printed_by: "src/llamafactory/train/callbacks.py (LogCallback)",
    marks: &["vram_allocated", "vram_reserved"],
    fields: &[
        running("\"vram_allocated\": ", Counter::PeakAllocated, Some(GIB)),
        running("'vram_allocated': ", Counter::PeakAllocated, Some(GIB)),
        running("\"vram_reserved\": ", Counter::PeakReserved, Some(GIB)),
        running("'vram_reserved': ", Counter::PeakReserved, Some(GIB)),
    ],
    examples: &[Example {
        lines: r#"{"current_steps": 10, "total_steps": 500, "loss": 1.2, "vram_allocated": 12.3, "vram_reserved": 14.5}"#,
        reads: &[
            (Counter::PeakAllocated, Some(10), "12.3 GiB"),
            (Counter::PeakReserved, Some(10), "14.5 GiB"),
        ],
    }],
    ..Format::EMPTY
};

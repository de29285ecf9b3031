//! ms-swift's entry in the Trainer's dict: the most that was ever reserved, in GiB.

use super::{Example, Format, running};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "ms-swift",
    printed_by: "swift/trainers/mixin.py (get_max_cuda_memory)",
    marks: &["memory(gib)"],
    fields: &[
        running("'memory(GiB)': ", Counter::PeakReserved, Some(GIB)),
        running("\"memory(GiB)\": ", Counter::PeakReserved, Some(GIB)),
        // Newer versions print each number as a string.
        running("'memory(GiB)': '", Counter::PeakReserved, Some(GIB)),
        running("\"memory(GiB)\": \"", Counter::PeakReserved, Some(GIB)),
    ],
    examples: &[
        Example {
            lines: "{'loss': '1.82', 'global_step/max_steps': '20/873', 'memory(GiB)': '18.48'}",
            reads: &[(Counter::PeakReserved, Some(20), "18.48 GiB")],
        },
        Example {
            lines: "{'loss': 1.82, 'global_step/max_steps': '20/873', 'memory(GiB)': 18.48, 'train_speed(iter/s)': 0.21}",
            reads: &[(Counter::PeakReserved, Some(20), "18.48 GiB")],
        },
    ],
    ..Format::EMPTY
};

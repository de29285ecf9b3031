//! RETURNN's line of a step: the most that was allocated since the epoch began.

use super::{Example, Format, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "returnn",
    printed_by: "returnn/torch/engine.py (max_memory_allocated, which only the start of an epoch resets; sizes in powers of 1024)",
    marks: &["mem_usage:cuda"],
    fields: &[
        running("mem_usage:cuda ", Counter::PeakAllocated, None),
        running("mem_usage:cuda:0 ", Counter::PeakAllocated, None),
    ],
    examples: &[Example {
        lines: "ep 3 train, step 20, ce 1.532, num_seqs 12, max_size:time 181296, mem_usage:cuda:0 8.9GB, 0.717 sec/step\nep 3 train, step 21, ce 1.5, mem_usage:cuda 52.8GB, 0.7 sec/step",
        reads: &[
            (Counter::PeakAllocated, Some(20), "8.9 GiB"),
            (Counter::PeakAllocated, Some(21), "52.8 GiB"),
        ],
    }],
    ..Format::EMPTY
};

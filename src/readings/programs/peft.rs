//! The lines of PEFT's examples, which many scripts copied: whole MiB.

use super::{Example, Format, Read, gauge};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "peft",
    printed_by: "huggingface/peft, examples (TorchTracemalloc, b2mb)",
    marks: &[
        "gpu memory before entering the",
        "gpu memory consumed at the end",
        "gpu peak memory consumed during",
        "gpu total peak memory consumed",
        "cpu memory before entering the",
        "cpu memory consumed at the end",
        "cpu peak memory consumed during",
        "cpu total peak memory consumed",
    ],
    fields: &[
        gauge(
            "GPU Memory before entering the train : ",
            Counter::Allocated,
            Some(MIB),
        ),
        gauge(
            "GPU Memory before entering the eval : ",
            Counter::Allocated,
            Some(MIB),
        ),
        gauge(
            "GPU Total Peak Memory consumed during the train (max): ",
            Counter::PeakAllocated,
            Some(MIB),
        ),
        gauge(
            "GPU Total Peak Memory consumed during the eval (max): ",
            Counter::PeakAllocated,
            Some(MIB),
        ),
    ],
    // What was consumed is a difference, and the CPU's memory is not the device's.
    read: Read::Line(|_, _| true),
    examples: &[Example {
        lines: "GPU Memory before entering the train : 1024\nGPU Memory consumed at the end of the train (end-begin): 10\nGPU Peak Memory consumed during the train (max-begin): 5000\nGPU Total Peak Memory consumed during the train (max): 6144\nCPU Total Peak Memory consumed during the train (max): 7000",
        reads: &[
            (Counter::Allocated, None, "1 GiB"),
            (Counter::PeakAllocated, None, "6 GiB"),
        ],
    }],
    ..Format::EMPTY
};

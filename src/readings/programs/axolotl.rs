//! axolotl's entries in the Trainer's dict: peaks since the last entry, in GiB.

use super::{Example, Format, gauge};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "axolotl",
    printed_by: "src/axolotl/utils/bench.py and core/trainers/base.py",
    marks: &["memory/max_"],
    fields: &[
        gauge(
            "'memory/max_active (GiB)': ",
            Counter::PeakAllocated,
            Some(GIB),
        ),
        gauge(
            "'memory/max_allocated (GiB)': ",
            Counter::PeakAllocated,
            Some(GIB),
        ),
        gauge(
            "'memory/device_reserved (GiB)': ",
            Counter::Reserved,
            Some(GIB),
        ),
    ],
    examples: &[Example {
        lines: "{'loss': 1.2, 'grad_norm': 0.8, 'memory/max_active (GiB)': 21.3, 'memory/max_allocated (GiB)': 21.3, 'memory/device_reserved (GiB)': 23.9, 'epoch': 0.1}",
        reads: &[
            (Counter::PeakAllocated, None, "21.3 GiB"),
            (Counter::PeakAllocated, None, "21.3 GiB"),
            (Counter::Reserved, None, "23.9 GiB"),
        ],
    }],
    ..Format::EMPTY
};

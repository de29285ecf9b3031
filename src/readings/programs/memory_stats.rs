//! `print(torch.cuda.memory_stats())`: exact bytes.

use super::{Example, Format, gauge};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "memory-stats",
    printed_by: "torch/cuda/memory.py (memory_stats)",
    marks: &[
        "allocated_bytes.",
        "reserved_bytes.",
        ".allocated\"",
        ".allocated'",
    ],
    fields: &[
        gauge(
            "allocated_bytes.all.current': ",
            Counter::Allocated,
            Some(1),
        ),
        gauge("reserved_bytes.all.current': ", Counter::Reserved, Some(1)),
        gauge(
            "allocated_bytes.all.current\": ",
            Counter::Allocated,
            Some(1),
        ),
        gauge("reserved_bytes.all.current\": ", Counter::Reserved, Some(1)),
        gauge(
            "allocated_bytes.all.current', ",
            Counter::Allocated,
            Some(1),
        ),
        gauge("reserved_bytes.all.current', ", Counter::Reserved, Some(1)),
    ],
    // The other keys are no readings.
    read: Some(|_, _, _| true),
    examples: &[
        Example {
            lines: "OrderedDict({'active.all.current': 101, 'allocated_bytes.all.allocated': 99999999999, 'allocated_bytes.all.current': 3277848576, 'allocated_bytes.all.peak': 4277848576, 'reserved_bytes.all.current': 5277848576})",
            reads: &[
                (Counter::Allocated, None, "3.1 GiB"),
                (Counter::Reserved, None, "4.9 GiB"),
            ],
        },
        Example {
            lines: "OrderedDict([('allocated_bytes.all.current', 3277848576), ('reserved_bytes.all.current', 5277848576)])",
            reads: &[
                (Counter::Allocated, None, "3.1 GiB"),
                (Counter::Reserved, None, "4.9 GiB"),
            ],
        },
    ],
    ..Format::EMPTY
};

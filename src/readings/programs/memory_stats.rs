//! `print(torch.cuda.memory_stats())`: exact bytes.

use super::super::numbers;
use super::{Example, Format, Read, Reading, Readings};
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
    read: Read::Line(read),
    examples: &[
        Example {
            lines: "OrderedDict({'active.all.current': 101, 'allocated_bytes.all.allocated': 99999999999, 'allocated_bytes.all.current': 3277848576, 'allocated_bytes.all.peak': 4277848576, 'reserved_bytes.all.current': 5277848576})",
            reads: &[
                (Counter::Allocated, None, "3.1 GiB"),
                (Counter::Reserved, None, "4.9 GiB"),
            ],
        },
        Example {
            lines: "allocated_bytes.all.current=3277848576 reserved_bytes.all.current : 5277848576",
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

/// Keys and numbers, whatever signs stand between them. The other keys are no readings.
fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    const KEYS: [(&str, Counter); 2] = [
        ("allocated_bytes.all.current", Counter::Allocated),
        ("reserved_bytes.all.current", Counter::Reserved),
    ];
    for (key, counter) in KEYS {
        let value = text.split_once(key).map(|(_, after)| {
            let value = after.trim_start_matches(['\'', '"', ':', '=', ',', ' ']);
            (text.len() - value.len(), after.len() > value.len())
        });
        let Some((at, true)) = value else { continue };
        if let Some(bytes) = numbers::at(text, at).and_then(|number| number.of(1)) {
            readings.push(Reading {
                counter,
                running: false,
                label: key,
                bytes,
                device: None,
            });
        }
    }
    true
}

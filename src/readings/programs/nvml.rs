//! `nvmlDeviceGetMemoryInfo`, printed as the three lines that every tutorial has, or as the object itself.

use super::super::numbers;
use super::{Example, Format, Read, Reading, Readings};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvml",
    printed_by: "nvidia-ml-py, pynvml.py (c_nvmlMemory_t), and the example of its documentation",
    marks: &["used     : ", "c_nvmlmemory_t("],
    read: Read::Line(read),
    examples: &[
        Example {
            lines: "used     : 4294967296",
            reads: &[(Counter::DeviceUsed, None, "4 GiB")],
        },
        Example {
            lines: "c_nvmlMemory_t(total: 42949672960 B, free: 38654705664 B, used: 4294967296 B)",
            reads: &[(Counter::DeviceUsed, None, "4 GiB")],
        },
    ],
    ..Format::EMPTY
};

/// Bytes, from 16 MiB on: less is some other program's count.
fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let head = ["used     : ", "used: "]
        .iter()
        .find_map(|head| text.split_once(head));
    let Some((_, value)) = head else { return false };
    let number = numbers::at(text, text.len() - value.len());
    let Some(bytes) = number.and_then(|n| n.whole().filter(|n| *n >= 1 << 24).and(n.of(1))) else {
        return false;
    };
    readings.push(Reading {
        counter: Counter::DeviceUsed,
        running: false,
        label: "nvml used",
        bytes,
        device: None,
    });
    true
}

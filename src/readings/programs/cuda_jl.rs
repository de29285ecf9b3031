//! CUDA.jl's `CUDA.memory_status()`, or `pool_status()`: two lines, of the device and of the pool.

use super::super::numbers;
use super::{Example, Format, sized};
use super::{Read, Reading, Readings};
use crate::bytes::Bytes;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "cuda-jl",
    printed_by: "CUDA.jl, src/pool.jl (Base.format_bytes, powers of 1024)",
    marks: &["effective gpu memory usage", "memory pool usage: "],
    read: Read::Line(read),
    examples: &[Example {
        lines: "Effective GPU memory usage: 16.12% (2.537 GiB/15.744 GiB)\nMemory pool usage: 1.200 GiB (1.500 GiB reserved)",
        reads: &[
            (Counter::DeviceUsed, None, "2.5 GiB"),
            (Counter::Allocated, None, "1.2 GiB"),
            (Counter::Reserved, None, "1.5 GiB"),
        ],
    }],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let mut keep = |counter, label, bytes: Option<Bytes>| {
        if let Some(bytes) = bytes {
            readings.push(Reading {
                counter,
                running: false,
                label,
                bytes,
                device: None,
            });
        }
    };
    // Both lines have their second number behind the first bracket.
    let bracket = text.find('(').map(|at| at + 1);
    if let Some(at) = text.find("Memory pool usage: ") {
        let start = at + "Memory pool usage: ".len();
        keep(Counter::Allocated, "Memory pool usage", size(text, start));
        let reserved = bracket.and_then(|at| size(text, at));
        keep(Counter::Reserved, "reserved", reserved);
    } else {
        let used = bracket.and_then(|at| size(text, at));
        keep(Counter::DeviceUsed, "Effective GPU memory usage", used);
    }
    !readings.is_empty()
}

fn size(text: &str, from: usize) -> Option<Bytes> {
    sized(text, numbers::at(text, from)?, None)
}

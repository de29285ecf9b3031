//! `TensorRT`'s memory lines: the whole device now, and the peak of its own allocator.

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "tensorrt",
    printed_by: "TensorRT's builder and runtime, log level INFO",
    marks: &["[memusagechange]", "[memusagestats]"],
    read: Read::Line(read),
    examples: &[Example {
        lines: "[I] [TRT] [MemUsageChange] Init CUDA: CPU +327, GPU +0, now: CPU 339, GPU 1024 (MiB)
[I] [TRT] [MemUsageStats] Peak memory usage of TRT CPU/GPU memory allocators: CPU 12 MiB, GPU 345 MiB",
        reads: &[
            (Counter::DeviceUsed, None, "1 GiB"),
            (Counter::PeakAllocated, None, "345 MiB"),
        ],
    }],
    ..Format::EMPTY
};

/// The host's numbers stand in the same lines, before the device's.
fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let found = [
        ("now: CPU ", Counter::DeviceUsed),
        ("allocators: CPU ", Counter::PeakAllocated),
    ];
    for (words, counter) in found {
        let gpu = || {
            let host = text.find(words)? + words.len();
            let behind = text.get(host..)?;
            let at = host + behind.find(", GPU ")? + ", GPU ".len();
            numbers::at(text, at)?.of(MIB)
        };
        if let Some(bytes) = gpu() {
            readings.push(Reading {
                counter,
                running: counter == Counter::PeakAllocated,
                label: "TensorRT",
                bytes,
                device: None,
            });
        }
    }
    true
}

//! `ESPnet`'s results line: the most that was ever cached, in GiB, once an epoch.

use super::{Example, Format, running};
use super::{Read, Readings};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "espnet",
    printed_by: "espnet2/train/reporter.py and trainer.py (gpu_max_cached_mem_GB)",
    marks: &["gpu_max_cached_mem_gb"],
    fields: &[running(
        "gpu_max_cached_mem_GB=",
        Counter::PeakReserved,
        Some(GIB),
    )],
    read: Read::Line(read),
    examples: &[Example {
        lines: "3epoch results: [train] iter_time=0.1, loss=12.3, gpu_max_cached_mem_GB=21.566, [valid] loss=11.2",
        reads: &[(Counter::PeakReserved, Some(3), "21.6 GiB")],
    }],
    ..Format::EMPTY
};

/// "3epoch results": the step stands before its word.
fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let before = text.split_once("epoch results").map(|(before, _)| before);
    let epoch = before.and_then(|b| b.rsplit(' ').next()?.parse().ok());
    readings.step = epoch.map(|epoch| (epoch, "epoch"));
    !readings.is_empty()
}

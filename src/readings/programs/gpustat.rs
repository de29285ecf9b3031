//! `gpustat`: a line for each card.

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "gpustat",
    printed_by: "gpustat/core.py (\"MB\" are powers of 1024)",
    marks: &[" mb |"],
    read: Read::Line(read),
    examples: &[Example {
        lines: "[0] NVIDIA A100-SXM4-40GB | 41'C,  97 % | 37249 / 40960 MB | alice(37240M)
[1] NVIDIA A100-SXM4-40GB | 41'C,  30 %,   0 %,   58 / 400 W |   512 / 40960 MB |",
        reads: &[
            (Counter::DeviceUsed, None, "36.4 GiB"),
            (Counter::DeviceUsed, None, "512 MiB"),
        ],
    }],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let row = || {
        let (head, _) = text.split_once('|')?;
        let (_, index) = head.rsplit_once('[')?;
        let (index, name) = index.split_once(']')?;
        let cell = text.split('|').skip(1).find(|c| c.ends_with(" MB "))?;
        let (used, total) = cell.split_once(" / ")?;
        numbers::at(total, 0)?;
        let used = numbers::at(used, 0)?.of(MIB)?;
        name.starts_with(' ').then_some((index.parse().ok()?, used))
    };
    let Some((index, bytes)) = row() else {
        return false;
    };
    readings.push(Reading {
        counter: Counter::DeviceUsed,
        running: false,
        label: "gpustat",
        bytes,
        device: Some(index),
    });
    true
}

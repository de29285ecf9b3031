//! `rocm-smi --showmeminfo vram`: two lines a card, and both say "Total".

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "rocm-smi",
    printed_by: "rocm_smi.py (showMemInfo, in bytes)",
    marks: &["vram total used memory (b)", "vram total memory (b)"],
    read: Read::Line(read),
    examples: &[Example {
        lines: "GPU[1]\t\t: VRAM Total Memory (B): 68702699520\nGPU[1]\t\t: VRAM Total Used Memory (B): 5498547200",
        reads: &[(Counter::DeviceUsed, None, "5.1 GiB")],
    }],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    const USED: &str = "VRAM Total Used Memory (B): ";
    let used = text
        .find(USED)
        .and_then(|at| numbers::at(text, at + USED.len())?.of(1));
    let device = || {
        let (_, index) = text.split_once("GPU[")?;
        index.split_once(']')?.0.parse().ok()
    };
    if let Some(bytes) = used {
        readings.push(Reading {
            counter: Counter::DeviceUsed,
            running: false,
            label: "VRAM used",
            bytes,
            device: device(),
        });
    }
    true
}

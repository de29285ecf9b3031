//! The `Allocated memory` and `GPU reserved memory` rows of `torch.cuda.memory_summary()`, printed again and again.

use super::super::numbers::{self, Number};
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::Bytes;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "memory-summary",
    printed_by: "torch/cuda/memory.py (memory_summary floors each cell to its unit)",
    marks: &[
        "memory summary, device id",
        "| allocated memory",
        "| gpu reserved memory",
    ],
    read: Read::Below(read),
    examples: &[Example {
        lines: "|                  PyTorch CUDA memory summary, device ID 0                 |
| Allocated memory      |  21189 MiB |  22735 MiB | 430888 MiB | 409697 MiB |
| GPU reserved memory   |  23360 MiB |  23360 MiB |  24300 MiB |    940 MiB |",
        reads: &[
            (Counter::Allocated, None, "20.7 GiB"),
            (Counter::Reserved, None, "22.8 GiB"),
        ],
    }],
    ..Format::EMPTY
};

/// The first cell of a row is what is held now; a cell is floored, so it stands for anything up to one unit more.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if let Some((_, id)) = text.split_once("device ID ") {
        tables.summary_device = numbers::at(id, 0)
            .and_then(Number::whole)
            .and_then(|id| u32::try_from(id).ok());
        return true;
    }
    let row = |label: &'static str, counter| {
        let (_, cells) = text.split_once(label)?;
        let cell = cells.trim_start_matches([' ', '|', '│']);
        let number = numbers::at(cell, 0)?;
        let (unit, _) = numbers::unit(cell, number.end)?;
        Some(Reading {
            counter,
            running: false,
            label,
            bytes: Bytes::floored(number.whole()?, unit)?,
            device: tables.summary_device,
        })
    };
    let rows = [
        row("Allocated memory", Counter::Allocated),
        row("GPU reserved memory", Counter::Reserved),
    ];
    rows.into_iter().flatten().for_each(|r| readings.push(r));
    true
}

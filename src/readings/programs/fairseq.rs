//! fairseq's `gb_free`: what the peak since the last print left of the device.

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::Bytes;
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "fairseq",
    printed_by: "fairseq/trainer.py (gb_free = total - max_memory_allocated, the peak reset at each log)",
    marks: &["gb_free", "; total memory = "],
    read: Read::Below(read),
    examples: &[
        Example {
            lines: r#"rank   0: capabilities =  8.0  ; total memory = 39.587 GB ; name = NVIDIA A100-SXM4-40GB
2025-09-01 10:00:00 | INFO | train_inner | {"epoch": 1, "update": 0.1, "loss": "9.1", "num_updates": "200", "gb_free": "5.1", "wall": "63"}"#,
            reads: &[(Counter::PeakAllocated, Some(200), "34.5 GiB")],
        },
        Example {
            lines: "| epoch 001:    100 / 1000 loss=9.1, num_updates=100, gb_free=10.5, wall=63
| epoch 001:    200 / 1000 loss=9.1, num_updates=200, gb_free=9.5, wall=63",
            reads: &[
                (Counter::Other, Some(100), "51.2 MiB"),
                (Counter::Other, Some(200), "1 GiB"),
            ],
        },
    ],
    ..Format::EMPTY
};

/// What is free falls as what is held grows: it is turned round by the device's size, which fairseq prints at its start.
/// Without that it is turned round by the first reading, which tells the growth and not the level.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if let Some(total) = after(text, "; total memory = ") {
        tables.fairseq_total = Some(total);
        tables.fairseq_guessed = false;
        return true;
    }
    let Some(free) = after(text, "gb_free") else {
        return false;
    };
    if tables.fairseq_total.is_none() {
        tables.fairseq_guessed = true;
        tables.fairseq_total = Some(Bytes::exact(free.high()));
    }
    let (counter, label) = if tables.fairseq_guessed {
        (Counter::Other, "gb_free, less than at first")
    } else {
        (Counter::PeakAllocated, "gb_free, taken from all")
    };
    let total = tables.fairseq_total.unwrap_or(free);
    readings.push(Reading {
        counter,
        running: false,
        label,
        bytes: total.minus(free),
        device: None,
    });
    true
}

/// The number of GiB behind some words, quotes and signs between them.
fn after(text: &str, words: &str) -> Option<Bytes> {
    let (_, rest) = text.split_once(words)?;
    numbers::at(rest.trim_start_matches(['"', ':', ' ', '=', '|']), 0)?.of(GIB)
}

//! `nvidia-smi --query-gpu=…,memory.used --format=csv -l`: rows with their units.

use super::super::numbers;
use super::super::tables::Csv;
use super::{Example, Format};
use super::{Reading, Readings, Tables};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvidia-smi-csv",
    printed_by: "nvidia-smi --query-gpu, --format=csv; the user orders the columns",
    marks: &["memory.used [mib]", " mib,", " mib"],
    read: Some(read),
    examples: &[
        Example {
            lines: "timestamp, index, memory.used [MiB], memory.total [MiB]
2026/11/20 10:00:00.123, 0, 11018 MiB, 40960 MiB
2026/11/20 10:00:00.123, 1, 512 MiB, 40960 MiB",
            reads: &[
                (Counter::DeviceUsed, None, "10.8 GiB"),
                (Counter::DeviceUsed, None, "512 MiB"),
            ],
        },
        Example {
            lines: "0, 11018 MiB, 40960 MiB",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

/// The head names the columns; rows without units ("nounits") carry nothing to find them by, and are not read.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if text.contains("memory.used [MiB]") {
        let column = |name: &str| text.split(',').position(|c| c.trim().starts_with(name));
        tables.csv = Csv {
            index: column("index"),
            used: column("memory.used"),
        };
        return true;
    }
    let row = || {
        let cell = text.split(',').nth(tables.csv.used?)?.trim();
        let number = numbers::at(cell, 0)?;
        let rest = cell.get(number.end..)?;
        number.of(MIB).filter(|_| rest == " MiB")
    };
    let Some(bytes) = row() else { return false };
    let index = tables.csv.index.and_then(|i| text.split(',').nth(i));
    readings.push(Reading {
        counter: Counter::DeviceUsed,
        running: false,
        label: "memory.used",
        bytes,
        device: index.and_then(|i| i.trim().parse().ok()),
    });
    true
}

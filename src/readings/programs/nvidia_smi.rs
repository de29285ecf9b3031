//! The default table of `nvidia-smi`, printed again and again, and `nvitop`'s of the same form.

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::{GIB, MIB};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvidia-smi",
    printed_by: "nvidia-smi, all layouts: a cell with used and total in MiB; nvitop, where large cards show GiB",
    marks: &["memory-usage", "mib / ", "mib |", "gib / "],
    read: Read::Below(read),
    examples: &[
    Example {
        lines: "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
| N/A   41C    P0             58W /  400W |   37249MiB /  40960MiB |     97%      Default |
| N/A   40C    P0             55W /  400W |     512MiB /  40960MiB |      0%      Default |
|    0   N/A  N/A         3105867      C   python3                               37240MiB |",
        reads: &[
            (Counter::DeviceUsed, None, "36.4 GiB"),
            (Counter::DeviceUsed, None, "512 MiB"),
        ],
    },
    Example {
        lines: "│ GPU Fan Temp Perf Pwr:Usage/Cap │         Memory-Usage │ GPU-Util  Compute M. │
│ N/A   41C    P0    58W / 400W │  37.24GiB / 40.00GiB │     97%      Default │",
        reads: &[(Counter::DeviceUsed, None, "37.24 GiB")],
    }],
    ..Format::EMPTY
};

/// The name of a device stands in the line above its memory, so rows are counted from the head of the table.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if text.contains("Memory-Usage") {
        // Without a bar it is no table, but what some program prints of it.
        let table = text.contains(['|', '│']);
        if table {
            tables.smi_rows = 0;
        }
        return table;
    }
    let cells = text.split(['|', '│']).skip(1);
    let used = cells.filter_map(|cell| {
        let (used, total) = cell.split_once('/')?;
        let used = numbers::at(used, 0)?;
        let mib = text_of_unit(cell, used.end)?;
        numbers::at(total, 0)?;
        used.of(mib)
    });
    // The table of MIG slices begins its rows with "GPU GI CI MIG"; its memory is that of a slice.
    for bytes in used.take(1) {
        readings.push(Reading {
            counter: Counter::DeviceUsed,
            running: false,
            label: "nvidia-smi",
            bytes,
            device: Some(tables.smi_rows),
        });
        tables.smi_rows += 1;
    }
    text.starts_with(['|', '│'])
}

fn text_of_unit(cell: &str, end: usize) -> Option<u64> {
    numbers::unit(cell, end)
        .map(|(unit, _)| unit)
        .filter(|u| matches!(*u, MIB | GIB))
}

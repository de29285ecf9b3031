//! `nvidia-smi --query-gpu=…,memory.used --format=csv -l`, with units and without; `--query-compute-apps` too.
//!
//! The head names the columns. Without one ("noheader") nothing tells what a number is, and nothing is read.

use super::super::numbers;
use super::super::tables::{Csv, TABLE_HEADS};
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::{Bytes, MIB};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvidia-smi-csv",
    printed_by: "nvidia-smi --query-gpu and --query-compute-apps, --format=csv; the user orders the columns",
    marks: &[
        "memory.used [mib]",
        "used_gpu_memory [mib]",
        " mib,",
        " mib",
    ],
    read: Read::Below(read),
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
        Example {
            lines: "pid, process_name, used_gpu_memory [MiB]\n3105867, python3, 37240 MiB",
            reads: &[(Counter::Process, None, "36.4 GiB")],
        },
    ],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if let Some(name) = TABLE_HEADS.iter().find(|head| text.contains(**head)) {
        let column = |name: &str| text.split(',').position(|c| c.trim().starts_with(name));
        let process = name.starts_with("used_gpu");
        tables.csv = Csv {
            index: column(if process { "pid" } else { "index" }),
            used: column(name),
            total: column("memory.total"),
            columns: text.split(',').count(),
            process,
            units: None,
        };
        return true;
    }
    let Some(bytes) = row(text, &mut tables.csv) else {
        return false;
    };
    let cell = tables.csv.index.and_then(|i| text.split(',').nth(i));
    let cell = cell.map(str::trim);
    let process = tables.csv.process;
    let total = tables.csv.total.and_then(|at| text.split(',').nth(at));
    let total = total.and_then(|cell| mib(cell.trim())).filter(|_| !process);
    let device = cell.filter(|_| !process).and_then(|cell| cell.parse().ok());
    tables.card = total.map(|(total, _)| (device, total));
    readings.push(Reading {
        counter: if process {
            Counter::Process
        } else {
            Counter::DeviceUsed
        },
        running: false,
        // Each process is a series of its own.
        label: cell.filter(|_| process).unwrap_or("memory.used"),
        bytes,
        device,
    });
    true
}

/// A row below a head whose rows have no units: nothing but its place tells what it is.
pub(super) fn bare_row<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) {
    if tables.csv.used.is_some() && tables.csv.units != Some(true) {
        read(text, tables, readings);
    }
}

/// What is used, by a row of this table; the first row settles whether they have units.
fn row(text: &str, csv: &mut Csv) -> Option<Bytes> {
    let cell = |at: usize| text.split(',').nth(at).map(str::trim);
    let (used, units) = mib(cell(csv.used?)?)?;
    if csv.units.is_some_and(|known| known != units) {
        return None;
    }
    if !units {
        let total = csv.total.map(|at| cell(at).and_then(mib));
        let less = |total: Option<(Bytes, bool)>| total.is_some_and(|t| t.0.low() >= used.low());
        let index = csv.index.map(|at| cell(at).map(str::parse::<u32>));
        let whole = text.split(',').count() == csv.columns;
        if !whole || total.is_some_and(|t| !less(t)) || matches!(index, Some(None | Some(Err(_)))) {
            return None;
        }
    }
    csv.units = Some(units);
    Some(used)
}

/// "11018 MiB", or "11018" where the units were left out.
fn mib(cell: &str) -> Option<(Bytes, bool)> {
    let number = numbers::at(cell, 0).filter(|n| n.decimals == 0)?;
    let units = match cell.get(number.end..)? {
        " MiB" => true,
        "" => false,
        _ => return None,
    };
    Some((number.of(MIB)?, units))
}

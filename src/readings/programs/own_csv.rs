//! A table of a user's own, with a head that names a column of memory and its unit: `step,loss,alloc_gb`.

use super::super::numbers;
use super::super::tables::{OwnColumn, OwnCsv, TABLE_HEADS};
use super::{Example, Format, Read, Reading, Readings, Tables};
use crate::bytes::{GIB, MIB};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "own-csv",
    printed_by: "users' scripts: csv.writer, print of joined columns",
    marks: &[
        "_gb", "_mb", "_gib", "_mib", "(gb)", "(mb)", "(gib)", "(mib)", "[gb]", "[mb]", "[gib]",
        "[mib]",
    ],
    read: Read::Below(read),
    examples: &[Example {
        lines: "step,loss,alloc_gb,reserved_gb\n1,2.1,3.00,5.10",
        reads: &[
            (Counter::Allocated, Some(1), "3.00 GiB"),
            (Counter::Reserved, Some(1), "5.10 GiB"),
        ],
    }],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, tables: &mut Tables, _: &mut Readings<'a>) -> bool {
    let Some(table) = head(text) else {
        return false;
    };
    tables.own = Some(table);
    true
}

/// The columns that a head names; `None` where the line is no head.
pub(crate) fn head(text: &str) -> Option<OwnCsv> {
    // Every line with a reading is asked, and few hold a comma or none of these signs, as a head does.
    memchr::memchr(b',', text.as_bytes())?;
    if memchr::memchr3(b'=', b':', b'.', text.as_bytes()).is_some() {
        return None;
    }
    let cells: Vec<&str> = text
        .split(',')
        .map(|cell| cell.trim().trim_matches(['"', '\'']))
        .collect();
    let words = cells
        .iter()
        .all(|cell| cell.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    let of_nvidia_smi = TABLE_HEADS.iter().any(|head| text.contains(head));
    let settings = cells.iter().any(|cell| cell.contains(['=', ':', '.', '{']));
    if cells.len() < 2 || !words || settings || of_nvidia_smi {
        return None;
    }
    let columns: Vec<OwnColumn> = cells
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| column(at, cell))
        .collect();
    let counts = ["step", "iter", "iteration", "epoch", "batch", "global_step"];
    let step = cells
        .iter()
        .position(|cell| counts.contains(&cell.to_ascii_lowercase().as_str()));
    (!columns.is_empty()).then_some(OwnCsv {
        columns,
        step,
        cells: cells.len(),
    })
}

/// What a column of memory counts, and its unit.
fn column(at: usize, cell: &str) -> Option<OwnColumn> {
    const OTHERS: [&str; 8] = [
        "free", "total", "cpu", "host", "ram", "util", "rss", "delta",
    ];
    let lower = cell.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    let memory = ["alloc", "mem", "reserved", "vram"]
        .iter()
        .any(|word| has(word));
    if !memory
        || OTHERS
            .iter()
            .any(|word| has(word) && !(*word == "ram" && has("vram")))
    {
        return None;
    }
    let unit = lower.trim_end_matches([')', ']']);
    let unit = match unit.rsplit(['_', '(', '[', ' ']).next()? {
        "gb" | "gib" => GIB,
        "mb" | "mib" => MIB,
        _ => return None,
    };
    let peak = has("peak") || has("max");
    let counter = match () {
        () if (has("reserved") || has("cached")) && peak => Counter::PeakReserved,
        () if has("reserved") || has("cached") => Counter::Reserved,
        () if peak => Counter::PeakAllocated,
        () if has("alloc") => Counter::Allocated,
        () => Counter::Other,
    };
    Some(OwnColumn { at, counter, unit })
}

/// A row below such a head.
pub(super) fn row<'a>(text: &'a str, tables: &Tables, readings: &mut Readings<'a>) {
    let Some(table) = &tables.own else { return };
    let cells: Vec<&str> = text.split(',').map(str::trim).collect();
    if cells.len() != table.cells {
        return;
    }
    let number = |at: usize| {
        let cell = cells.get(at)?;
        numbers::at(cell, 0).filter(|number| number.end == cell.len())
    };
    for column in &table.columns {
        let Some(bytes) = number(column.at).and_then(|n| n.of(column.unit)) else {
            return;
        };
        readings.push(Reading {
            counter: column.counter,
            running: matches!(
                column.counter,
                Counter::PeakAllocated | Counter::PeakReserved
            ),
            label: column.counter.name(),
            bytes,
            device: None,
        });
    }
    if let Some(step) = table.step.and_then(number).and_then(numbers::Number::whole) {
        readings.step = Some((step, "step"));
    }
}

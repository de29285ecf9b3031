//! `nvidia-smi dmon -s m`: the column `fb` in MiB.

use super::{Example, Format};
use super::{Reading, Readings, Tables};
use crate::bytes::Bytes;
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvidia-smi-dmon",
    printed_by: "nvidia-smi dmon; the head is repeated, the columns depend on -s",
    marks: &[
        "# gpu ", "    0 ", "    1 ", "    2 ", "    3 ", "    4 ", "    5 ", "    6 ", "    7 ",
    ],
    read: Some(read),
    examples: &[
        Example {
            lines: "# gpu     fb   bar1   ccpm
    0   3743      5      0
    1  19373      5      0",
            reads: &[
                (Counter::DeviceUsed, None, "3.7 GiB"),
                (Counter::DeviceUsed, None, "18.9 GiB"),
            ],
        },
        Example {
            lines: "    0   3743      5      0",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

/// A row means this only below a head with a column `fb`.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if let Some(head) = text.trim_start().strip_prefix("# gpu ") {
        tables.dmon = head.split_ascii_whitespace().position(|c| c == "fb");
        return true;
    }
    let row = || {
        let column = tables.dmon?;
        let mut cells = text.split_ascii_whitespace();
        let index: u32 = cells.next()?.parse().ok()?;
        let number = |cell: &str| cell.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let used: u64 = cells.clone().nth(column)?.parse().ok()?;
        cells.all(number).then_some((index, used))
    };
    let Some((index, used)) = row() else {
        return false;
    };
    if let Some(bytes) = Bytes::rounded(used, 0, MIB) {
        readings.push(Reading {
            counter: Counter::DeviceUsed,
            running: false,
            label: "fb",
            bytes,
            device: Some(index),
        });
    }
    true
}

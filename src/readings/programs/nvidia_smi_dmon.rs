//! `nvidia-smi dmon -s m` and `pmon -s m`: the column `fb` in MiB, of a card or of a process.

use super::super::tables::Dmon;
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::Bytes;
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "nvidia-smi-dmon",
    printed_by: "nvidia-smi dmon and pmon; the head is repeated, the columns depend on -s, and -o puts date and time before them",
    marks: &[
        "# gpu ", " gpu  ", "    0 ", "    1 ", "    2 ", "    3 ", "    4 ", "    5 ", "    6 ",
        "    7 ",
    ],
    read: Read::Below(read),
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
            lines: "#Time        gpu     fb   bar1   ccpm
 10:00:00      0   3743      5      0",
            reads: &[(Counter::DeviceUsed, None, "3.7 GiB")],
        },
        Example {
            lines: "# gpu         pid   type     fb   ccpm    command
    0    3105867     C  37240      0    python3
    1          -     -      -      -    -",
            reads: &[(Counter::Process, None, "36.4 GiB")],
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
    if let Some(head) = text.trim_start().strip_prefix('#') {
        let column = |name: &str| head.split_ascii_whitespace().position(|c| c == name);
        // A second line of the head holds the units.
        if let Some(gpu) = column("gpu") {
            tables.dmon = Dmon {
                gpu,
                used: column("fb"),
                pid: column("pid"),
            };
        }
        return true;
    }
    let Dmon { gpu, used, pid } = tables.dmon;
    let row = || {
        let cell = |at: usize| text.split_ascii_whitespace().nth(at);
        let number = |cell: &str| {
            let sign = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':');
            cell.bytes().all(sign)
        };
        let plain = text.split_ascii_whitespace().all(number);
        let index: u32 = cell(gpu)?.parse().ok()?;
        let used: u64 = cell(used?)?.parse().ok()?;
        let process = pid.map(|pid| cell(pid).filter(|pid| number(pid)));
        match process {
            None => plain.then_some((index, used, None)),
            Some(pid) => Some((index, used, Some(pid?))),
        }
    };
    let Some((index, used, process)) = row() else {
        return false;
    };
    if let Some(bytes) = Bytes::rounded(used, 0, MIB) {
        readings.push(Reading {
            counter: match process {
                Some(_) => Counter::Process,
                None => Counter::DeviceUsed,
            },
            running: false,
            // Each process is a series of its own.
            label: process.unwrap_or("fb"),
            bytes,
            device: Some(index),
        });
    }
    true
}

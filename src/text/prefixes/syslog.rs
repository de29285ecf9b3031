//! `May 02 10:11:12 host unit[4242]: ` of syslog and journald, and the kernel's `[12345.678901] ` and
//! `[Fri May  2 10:11:12 2025] `.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "syslog",
    starts: "JFMASOND[0123456789",
    when: When::Always,
    strip,
    examples: &[
        ("May 02 10:11:12 host unit[4242]: ", None, "unit[4242]"),
        ("Jan  2 03:04:05 gpu-1 kernel: ", None, "kernel"),
        (
            "2026-01-02T03:04:05+0100 host train.service[7]: ",
            None,
            "train.service[7]",
        ),
        ("[12345.678901] ", None, ""),
        ("[    1.000001] ", None, ""),
        ("[Fri May  2 10:11:12 2025] ", None, ""),
    ],
};

const MONTHS: [&str; 12] = [
    "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec ",
];
const DAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    if cursor.maybe("[") {
        return kernel(cursor);
    }
    let iso = cursor.rest.starts_with(|c: char| c.is_ascii_digit());
    if iso {
        cursor.date_time()?;
    } else {
        cursor.one_of(&MONTHS)?;
        day_and_clock(&mut cursor)?;
    }
    cursor.lit(" ")?;
    cursor.name(100)?;
    cursor.lit(" ")?;
    let before = cursor.rest;
    cursor.name(100)?;
    if cursor.maybe("[") {
        cursor.digits(1, 10)?;
        cursor.lit("]")?;
    } else if iso && !before.starts_with("kernel:") {
        // `INFO torch.OutOfMemoryError:` behind a time has the same form.
        return None;
    }
    let unit = before.strip_suffix(cursor.rest)?;
    cursor.lit(":")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_lane(unit))
}

/// The kernel's times, behind their bracket.
fn kernel(cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let mut cursor = cursor;
    if cursor.one_of(&DAYS).is_some() {
        cursor.one_of(&MONTHS)?;
        day_and_clock(&mut cursor)?;
        cursor.lit(" ")?;
        cursor.digits(4, 4)?;
    } else {
        cursor.run(0, 8, |b| b == b' ')?;
        cursor.digits(1, 10)?;
        cursor.lit(".")?;
        cursor.digits(6, 6)?;
    }
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

/// `02 10:11:12`, with the day padded by a space or a zero.
fn day_and_clock(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.maybe(" ");
    cursor.digits(1, 2)?;
    cursor.lit(" ")?;
    cursor.clock()
}

//! `2026-01-02 03:04:05,678 - name - LEVEL - `, `[2026-01-02 03:04:05,678] [INFO] [file.py:12:func] ` and their kin: what programs
//! give to `logging.Formatter`. A time and a level must both be there, or a line of a table could pass for a prefix.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "python-logging",
    starts: "0123456789[",
    when: When::Always,
    strip,
    examples: &[
        ("2026-01-02 03:04:05,678 - name - ERROR - ", None, ""),
        ("01/02/2026 03:04:05 - INFO - __main__ - ", None, ""),
        ("2026/01/02 03:04:05 - mmengine - INFO - ", None, ""),
        (
            "[2026-01-02 03:04:05,678] [INFO] [logging.py:96:log_dist] ",
            None,
            "",
        ),
        ("[2026-01-02 03:04:05,678][pretrain][ERROR] - ", None, ""),
        ("2026-01-02 03:04:05,678 INFO ", None, ""),
        ("2026-01-02 03:04:05,678 INFO __main__: ", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let bracket = cursor.maybe("[");
    time(&mut cursor)?;
    if bracket {
        cursor.lit("]")?;
    }
    // The first field is in brackets, behind a dash, or a level: a name behind a time has no level behind it. Nearly all lines that
    // begin with a time end here.
    let fields = matches!(
        cursor.rest.as_bytes(),
        [b'[', ..] | [b' ', b'[' | b'-' | b'A'..=b'Z', ..]
    );
    if !fields {
        return None;
    }
    let mut levels = 0;
    loop {
        let mut ahead = cursor;
        let Some(is_level) = field(&mut ahead) else {
            break;
        };
        levels += usize::from(is_level);
        cursor = ahead;
    }
    if levels == 0 {
        return None;
    }
    let mut ahead = cursor;
    if ahead.maybe(" - ")
        || ahead.maybe(" -") && ahead.rest.is_empty()
        || ahead.maybe(":") && ahead.gap().is_some()
    {
        return Some(Stripped::at(ahead));
    }
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

/// A date in one of three orders, and a time.
fn time(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    if ahead.date_time().is_none() {
        ahead = *cursor;
        let year_first = ahead.digits(1, 4)?.len() == 4;
        ahead.lit("/")?;
        ahead.digits(2, 2)?;
        ahead.lit("/")?;
        if year_first {
            ahead.digits(2, 2)?;
        } else {
            ahead.digits(4, 4)?;
        }
        ahead.lit(" ")?;
        ahead.clock()?;
    }
    *cursor = ahead;
    Some(())
}

/// One field: in brackets, behind a dash, a bare level, or a name with a colon. Says whether it is the level.
fn field(cursor: &mut Cursor<'_>) -> Option<bool> {
    let start = *cursor;
    let joined = cursor.maybe("[");
    if joined || cursor.maybe(" [") {
        if cursor.level().is_some() {
            cursor.lit("]")?;
            return Some(true);
        }
        let place = cursor.rest;
        cursor.name(100)?;
        cursor.run(0, 100, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'<' | b'>')
        })?;
        let place = place.strip_suffix(cursor.rest)?;
        cursor.lit("]")?;
        // `[eval]` and `[105/2572]` are text; `[logging.py:96:log_dist]` and Hydra's `[time][name][LEVEL]` are not.
        return (joined || place.contains(".py:")).then_some(false);
    }
    if cursor.maybe(" - ") {
        let is_level = cursor.level().is_some();
        if !is_level {
            cursor.name(100)?;
        }
        // The dash that ends the last field stays for the next one, or for the end.
        return cursor.rest.starts_with(" -").then_some(is_level);
    }
    cursor.lit(" ")?;
    if cursor.level().is_some() {
        return Some(true);
    }
    // A name counts only behind the level, as in `INFO name: text`. Modules are in lower case, exceptions are not.
    *cursor = start;
    cursor.lit(" ")?;
    if cursor.rest.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    cursor.name(100).filter(|name| {
        (name.starts_with("__") || name.contains('.'))
            && !name.bytes().any(|b| b.is_ascii_uppercase())
    })?;
    cursor.rest.starts_with(": ").then_some(false)
}

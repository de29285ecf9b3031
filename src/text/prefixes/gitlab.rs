//! `2024-05-22T12:43:46.962646Z 00O `: GitLab's runner, time, stream and a `+` for a continued line; and its section markers,
//! which end in a carriage return.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "gitlab",
    starts: "0123456789s",
    when: When::Always,
    strip,
    examples: &[
        ("2024-05-22T12:43:46.962646Z 00O ", None, ""),
        ("2024-05-22T12:43:46.962646Z 01E+", None, ""),
        (
            "section_start:1700000000:build_script[collapsed=true]\r",
            None,
            "",
        ),
        ("section_end:1700000000:build_script\r", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    if cursor.one_of(&["section_start:", "section_end:"]).is_some() {
        cursor.digits(1, 12)?;
        cursor.lit(":")?;
        cursor.run(1, 300, |b| b > b' ')?;
        if !cursor.rest.is_empty() {
            cursor.lit("\r")?;
        }
        return Some(Stripped::at(cursor));
    }
    cursor.date_time()?;
    cursor.lit(" ")?;
    cursor.digits(2, 2)?;
    cursor.one_of(&["O", "E"])?;
    if !cursor.maybe("+") {
        cursor.gap()?;
    }
    Some(Stripped::at(cursor))
}

//! `2026-01-02 03:04:05.678 | ERROR    | mod:fn:12 - ` of loguru, `2022-09-07 20:31:23 | WARNING | fairseq.trainer | ` of fairseq.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "loguru",
    starts: "0123456789",
    when: When::Always,
    strip,
    examples: &[
        (
            "2026-01-02 03:04:05.678 | ERROR    | mod:fn:12 - ",
            None,
            "",
        ),
        (
            "2022-09-07 20:31:23 | WARNING | fairseq.trainer | ",
            None,
            "",
        ),
        (
            "2026-01-02 03:04:05.678 | INFO     | __main__:<module>:3 - ",
            None,
            "",
        ),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.date_time()?;
    cursor.lit(" | ")?;
    cursor.level()?;
    cursor.run(0, 12, |b| b == b' ')?;
    cursor.lit("| ")?;
    cursor.run(1, 200, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'<' | b'>' | b'-')
    })?;
    cursor.one_of(&[" | ", " - ", " |", " -"])?;
    Some(Stripped::at(cursor))
}

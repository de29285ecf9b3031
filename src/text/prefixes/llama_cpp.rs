//! `0.05.364.763 E `: the log of llama.cpp's programs, from 2024 with `--log-prefix` and `--log-timestamps`, from 2026 by itself
//! (common/log.cpp, `common_log_entry::print`): minutes, seconds, milliseconds and microseconds since the start, and the level.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "llama-cpp",
    starts: "0123456789",
    when: When::Always,
    strip,
    examples: &[
        ("0.00.014.668 I ", None, ""),
        ("127.05.364.763 E ", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.digits(1, 6)?;
    for digits in [2, 3, 3] {
        cursor.lit(".")?;
        cursor.digits(digits, digits)?;
    }
    cursor.lit(" ")?;
    cursor.one_of(&["I", "W", "E", "D"])?;
    cursor.lit(" ")?;
    Some(Stripped::at(cursor))
}

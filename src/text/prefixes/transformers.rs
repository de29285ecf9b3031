//! `[INFO|trainer.py:2128] 2026-01-02 03:04:05,678 >> `: the explicit format of Transformers (transformers/utils/logging.py).

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "transformers",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        (
            "[INFO|trainer.py:2128] 2026-01-02 03:04:05,678 >> ",
            None,
            "",
        ),
        ("[WARNING|modeling_utils.py:1] ", None, ""),
        (
            "[INFO|2026-01-02 03:04:05] llamafactory.hparams:143 >> ",
            None,
            "",
        ),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    cursor.level()?;
    cursor.lit("|")?;
    let mut ahead = cursor;
    if ahead.date_time().is_some() {
        cursor = ahead;
        cursor.lit("] ")?;
        place(&mut cursor)?;
        cursor.lit(" >>")?;
    } else {
        place(&mut cursor)?;
        cursor.lit("]")?;
        ahead = cursor;
        if ahead.maybe(" ") && ahead.date_time().is_some() && ahead.maybe(" >>") {
            cursor = ahead;
        }
    }
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

/// A file or module and a line.
fn place(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.name(200)?;
    cursor.lit(":")?;
    cursor.number().map(|_| ())
}

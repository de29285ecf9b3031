//! `8:02AM DBG GRPC(a.gguf-127.0.0.1:41231): stderr ` of zerolog's console writer, as `LocalAI` uses it around its back ends.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "zerolog",
    starts: " 0123456789",
    when: When::Always,
    strip,
    examples: &[
        ("8:02AM DBG GRPC(a.gguf-127.0.0.1:41231): stderr ", None, ""),
        ("10:15PM ERR GRPC(b-127.0.0.1:8): stdout ", None, ""),
    ],
};

/// Records of `LocalAI` itself keep theirs: what they say names the program.
fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    // What was indented still begins with digits, which would go on with those of the line above.
    cursor.run(0, 16, |b| b == b' ')?;
    cursor.digits(1, 2)?;
    cursor.lit(":")?;
    cursor.digits(2, 2)?;
    cursor.one_of(&["AM ", "PM "])?;
    cursor.one_of(&["TRC ", "DBG ", "INF ", "WRN ", "ERR ", "FTL "])?;
    cursor.lit("GRPC(")?;
    cursor.run(1, 200, |b| b != b')' && b != b' ')?;
    cursor.lit("): ")?;
    cursor.one_of(&["stderr ", "stdout "])?;
    Some(Stripped::at(cursor))
}

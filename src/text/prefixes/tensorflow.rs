//! `2021-07-14 08:08:53.663124: W tensorflow/core/common_runtime/bfc_allocator.cc:485] `: TensorFlow and old XLA
//! (tsl/platform/default/logging.cc).

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "tensorflow",
    starts: "0123456789",
    when: When::Always,
    strip,
    examples: &[(
        "2021-07-14 08:08:53.663124: W tensorflow/core/common_runtime/bfc_allocator.cc:485] ",
        None,
        "",
    )],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.date_time()?;
    cursor.lit(": ")?;
    cursor.one_of(&["I", "W", "E", "F"])?;
    cursor.lit(" ")?;
    cursor.name(200)?;
    cursor.lit(":")?;
    cursor.number()?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

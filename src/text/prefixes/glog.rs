//! `W0502 10:11:12.131415  4242 file.cc:162] `: glog, absl, XLA and all that log like them.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "glog",
    starts: "IWEF",
    when: When::Always,
    strip,
    examples: &[
        ("W0502 10:11:12.131415  4242 file.cc:162] ", None, ""),
        (
            "I1231 23:59:59.000001 140000000000000 xla/service/a.cc:1] ",
            None,
            "",
        ),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.one_of(&["I", "W", "E", "F"])?;
    cursor.digits(4, 8)?;
    cursor.lit(" ")?;
    cursor.clock()?;
    cursor.spaces()?;
    if cursor.digits(1, 20).is_some() {
        cursor.spaces()?;
    }
    cursor.name(200).filter(|file| file.contains('.'))?;
    cursor.lit(":")?;
    cursor.number()?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

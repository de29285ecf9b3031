//! `[gw0] `: a worker of pytest-xdist.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "xdist",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[("[gw0] ", None, "gw0")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    let worker = cursor.name(8).filter(|name| {
        name.strip_prefix("gw")
            .is_some_and(|n| n.parse::<u32>().is_ok())
    })?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_lane(worker))
}

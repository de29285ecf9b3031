//! `[pod/name/container] `: `kubectl logs --prefix`.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "pod",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[("[pod/train-0/main] ", None, "train-0/main")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[pod/")?;
    let pod = cursor.name(300)?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_lane(pod))
}

//! `ERROR:root:`: the default of Python's `logging.basicConfig`.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "level-name",
    starts: "CEWID",
    when: When::Always,
    strip,
    examples: &[
        ("ERROR:root:", None, ""),
        ("WARNING:torch.distributed.run:", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.level()?;
    cursor.lit(":")?;
    cursor.name(100)?;
    cursor.lit(":")?;
    Some(Stripped::at(cursor))
}

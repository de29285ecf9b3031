//! `#> `: what R printed, as its reprex and its Markdown show it below the code.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "reprex",
    starts: "# ",
    when: When::Always,
    strip,
    examples: &[("#> ", None, ""), ("    #> ", None, "")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    // Lists of Markdown indent what is in them.
    while cursor.maybe(" ") {}
    cursor.lit("#> ")?;
    Some(Stripped::at(cursor))
}

//! `> `: Markdown and mail quote somebody's lines so. pytest marks the line of a frame that failed in the same way, but few of them.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "quote",
    starts: ">",
    when: When::Habit,
    strip,
    examples: &[("> ", None, "")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    // Python's prompt, which nobody quotes with.
    if cursor.rest.starts_with(">>> ") {
        return None;
    }
    cursor.lit(">")?;
    cursor.maybe(" ");
    Some(Stripped::at(cursor))
}

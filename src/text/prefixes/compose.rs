//! `trainer-1  | `: `docker compose up` and `logs`. A table of layers looks the same, so the lines must agree.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "compose",
    starts: "",
    when: When::Habit,
    strip,
    examples: &[
        ("trainer-1  | ", None, "trainer-1"),
        ("svc_2 | ", None, "svc_2"),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let service = cursor.name(60)?;
    if !service.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    cursor.spaces()?;
    cursor.lit("|")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_lane(service))
}

//! `2026-01-02T03:04:05.678901234Z stderr F `: log files of containerd and CRI-O on a Kubernetes node.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::{Part, Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "cri",
    starts: "0123456789",
    when: When::Always,
    strip,
    examples: &[
        ("2026-01-02T03:04:05.678901234Z stderr F ", None, ""),
        ("2026-01-02T03:04:05.678901234+01:00 stdout F ", None, ""),
    ],
};

fn strip(cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    Some(Stripped::at(head(cursor)?.0))
}

/// Behind the prefix; whether it is of standard error, and whether the next record goes on with the line.
fn head(mut cursor: Cursor<'_>) -> Option<(Cursor<'_>, bool, bool)> {
    cursor.date_time()?;
    let error = cursor.maybe(" stderr ");
    if !error {
        cursor.lit(" stdout ")?;
    }
    let goes_on = cursor.maybe("P");
    if !goes_on {
        cursor.lit("F")?;
    }
    cursor.gap()?;
    Some((cursor, error, goes_on))
}

/// No prefix is longer.
const LONGEST: usize = 64;

/// What the record holds of its line.
pub(super) fn part(raw: &[u8]) -> Option<Part<'_>> {
    // The text behind it may be cut within a character.
    let start = raw.get(..raw.len().min(LONGEST))?;
    let start = start.utf8_chunks().next()?.valid();
    let (cursor, error, goes_on) = head(Cursor::new(start))?;
    Some(Part {
        text: Cow::Borrowed(raw.get(start.len() - cursor.rest.len()..)?),
        error,
        goes_on,
    })
}

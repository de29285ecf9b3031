//! `2026-01-02T03:04:05.678901234Z stderr F `: log files of containerd and CRI-O on a Kubernetes node.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "cri",
    starts: "0123456789",
    when: When::Always,
    strip,
    examples: &[
        ("2026-01-02T03:04:05.678901234Z stderr F ", None, ""),
        ("2026-01-02T03:04:05.678901234+01:00 stdout P ", None, ""),
    ],
};

fn strip(line: &str) -> Option<Stripped<'_>> {
    let mut cursor = Cursor::new(line);
    cursor.date_time()?;
    cursor.one_of(&[" stderr ", " stdout "])?;
    cursor.one_of(&["F", "P"])?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}

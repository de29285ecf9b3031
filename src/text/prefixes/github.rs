//! `##[error]` and its kin of GitHub Actions and Azure, and `job<TAB>step<TAB>time ` of `gh run view --log`.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "github",
    starts: "",
    when: When::Always,
    strip,
    examples: &[
        ("##[error]", None, ""),
        (
            "test (3.11, cuda)	Run tests	2026-01-02T03:04:05.1234567Z ",
            None,
            "test (3.11, cuda)",
        ),
    ],
};

/// How long the names of jobs and steps can get.
const LONGEST_NAME: usize = 150;

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    if cursor.maybe("##[") {
        // `##[group]` stays: that a part begins is worth knowing.
        cursor.one_of(&["error]", "warning]", "debug]", "section]", "command]"])?;
        return Some(Stripped::at(cursor));
    }
    // Nearly every line ends here.
    let reach = cursor.rest.len().min(LONGEST_NAME + 1);
    memchr::memchr(b'\t', cursor.rest.as_bytes().get(..reach)?)?;
    let job = cursor.run(1, LONGEST_NAME, |b| b != b'\t')?;
    cursor.lit("\t")?;
    cursor.run(1, LONGEST_NAME, |b| b != b'\t')?;
    cursor.lit("\t")?;
    cursor.maybe("\u{feff}");
    cursor.date_time()?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_lane(job))
}

//! `{"log":"…\n","stream":"stderr","time":"…"}`: the log files of Docker's json-file driver.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Cursor, Part, Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "docker-json",
    starts: "{",
    when: When::Always,
    strip,
    examples: &[],
};

/// One record. Nothing else of it matters, since a stream is no writer of its own: a traceback and the lines before it
/// go to different ones.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(borrow, default)]
    stream: Cow<'a, str>,
}

const START: &str = "{\"log\":";
/// What the copier's buffer holds. Bytes that are no UTF-8 are replaced by longer ones, never by shorter ones.
const BUFFER: usize = 16 << 10;

/// What the record holds of its line.
pub(super) fn part(raw: &[u8]) -> Option<Part<'_>> {
    if !raw.starts_with(START.as_bytes()) {
        return None;
    }
    let record: Record<'_> = serde_json::from_slice(raw).ok()?;
    let log = record.log.trim_end_matches(['\n', '\r']);
    Some(Part {
        text: Cow::Owned(log.replace('\n', "\\n").into_bytes()),
        error: record.stream == "stderr",
        goes_on: record.log.len() >= BUFFER && !record.log.ends_with('\n'),
    })
}

fn strip(cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let line = cursor.rest;
    if !line.starts_with(START) {
        return None;
    }
    let record: Record<'_> = serde_json::from_slice(line.as_bytes()).ok()?;
    let log = record.log.trim_end_matches(['\n', '\r']);
    // One line must stay one: a break inside is written as JSON wrote it.
    Some(Stripped {
        rest: Cow::Owned(log.replace('\n', "\\n")),
        rank: None,
        lane: Cow::Borrowed(""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_out_of_its_record() {
        let line = r#"{"log":"  File \"a.py\", line 1\u001b[0m\r\n","stream":"stderr","time":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(
            strip(Cursor::new(line)).unwrap().rest,
            "  File \"a.py\", line 1\u{1b}[0m"
        );
    }

    #[test]
    fn a_break_inside_a_record_does_not_make_two_lines() {
        assert_eq!(
            strip(Cursor::new(r#"{"log":"a\nb\n"}"#)).unwrap().rest,
            "a\\nb"
        );
    }

    #[test]
    fn other_json_and_cut_records_stay_as_they_are() {
        assert!(strip(Cursor::new(r#"{"loss": 2.0}"#)).is_none());
        assert!(strip(Cursor::new(r#"{"log":"cut"#)).is_none());
    }
}

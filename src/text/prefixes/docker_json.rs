//! `{"log":"…\n","stream":"stderr","time":"…"}`: the log files of Docker's json-file driver.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Prefix, Stripped, When};

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
}

fn strip(line: &str) -> Option<Stripped<'_>> {
    if !line.starts_with("{\"log\":") {
        return None;
    }
    let record: Record<'_> = serde_json::from_str(line).ok()?;
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
            strip(line).unwrap().rest,
            "  File \"a.py\", line 1\u{1b}[0m"
        );
    }

    #[test]
    fn a_break_inside_a_record_does_not_make_two_lines() {
        assert_eq!(strip(r#"{"log":"a\nb\n"}"#).unwrap().rest, "a\\nb");
    }

    #[test]
    fn other_json_and_cut_records_stay_as_they_are() {
        assert!(strip(r#"{"loss": 2.0}"#).is_none());
        assert!(strip(r#"{"log":"cut"#).is_none());
    }
}

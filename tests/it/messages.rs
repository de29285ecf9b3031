//! What reports say, over all fixtures: one voice, no line too wide, nothing that a terminal would obey.

use crate::cases;
use crate::known::ALONE;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;
use whyoom::Error;
use whyoom::catalogue::{self, Finding};

/// The columns of the report that is kept.
const COLUMNS: usize = 80;

/// The strings under a key, anywhere in a report.
fn strings(report: &Value, key: &str, into: &mut Vec<String>) {
    match report {
        Value::Object(object) => {
            for (name, value) in object {
                match value.as_str() {
                    Some(text) if name == key => into.push(text.to_owned()),
                    _ => strings(value, key, into),
                }
            }
        }
        Value::Array(array) => array.iter().for_each(|value| strings(value, key, into)),
        _ => {}
    }
}

/// Every different string under a key in the reports of all cases, or below no key at all.
fn all(key: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (_, diagnosis) in ALONE.iter() {
        strings(&cases::report(diagnosis), key, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

/// What is wrong with any text that people read.
fn slips(text: &str) -> Option<&'static str> {
    let rules = [
        ("two spaces", text.contains("  ") && !text.contains('\n')),
        (
            "a space before a stop",
            text.contains(" .") || text.contains(" ,"),
        ),
        ("an em dash", text.contains('\u{2014}')),
        ("a space at an end", text != text.trim()),
        ("nothing", text.is_empty()),
        (
            "an exclamation mark",
            text.contains('!') && !text.contains("!="),
        ),
    ];
    rules
        .iter()
        .find(|(_, holds)| *holds)
        .map(|(what, _)| *what)
}

fn check(texts: &[String], rule: impl Fn(&str) -> bool, says: &str) {
    for text in texts {
        assert_eq!(slips(text), None, "{text:?}");
        assert!(rule(text), "{says}: {text:?}");
    }
}

/// Lower case at the start, unless it is a name or a number, and no stop at the end.
fn phrase(text: &str) -> bool {
    let first = text.split(' ').next().unwrap();
    let name = first.chars().skip(1).any(char::is_uppercase)
        || ["CUDA", "Windows", "Adam"].contains(&first);
    (name || !first.starts_with(char::is_uppercase)) && !text.ends_with('.')
}

#[test]
fn the_reason_of_a_cause_is_made_of_whole_sentences() {
    let whole = |text: &str| {
        text.ends_with('.')
            && text.starts_with(|c: char| {
                c.is_uppercase() || c.is_ascii_digit() || c == '`' || c == '/'
            })
    };
    check(
        &all("because"),
        whole,
        "a sentence begins with a capital, a number or a path and ends with a stop",
    );
}

#[test]
fn what_would_settle_it_is_a_phrase() {
    check(
        &all("settle"),
        phrase,
        "begin in lower case and end without a stop",
    );
}

#[test]
fn a_cost_is_a_phrase_and_a_title_begins_with_a_capital() {
    let costs: Vec<_> = catalogue::fixes()
        .iter()
        .map(|f| f.cost.to_owned())
        .collect();
    check(
        &costs,
        phrase,
        "a cost begins in lower case and ends without a stop",
    );
    let titles: Vec<_> = catalogue::fixes()
        .iter()
        .map(|f| f.title().to_owned())
        .collect();
    let title = |text: &str| text.starts_with(char::is_uppercase) && !text.ends_with('.');
    check(
        &titles,
        title,
        "a fix's title is an imperative without a stop",
    );
}

#[test]
fn a_finding_is_half_a_sentence() {
    let titles: Vec<_> = catalogue::findings().map(Finding::title).collect();
    check(
        &titles,
        phrase,
        "begin in lower case and end without a stop",
    );
}

#[test]
fn an_error_names_its_subject_in_backticks() {
    let reason = std::io::Error::from(std::io::ErrorKind::NotFound);
    let unknown = |nearest: Option<&str>| Error::UnknownId {
        id: "splt".to_owned(),
        nearest: nearest.map(ToOwned::to_owned),
    };
    let read = Error::Read {
        source: "train.log".to_owned(),
        reason,
    };
    for (error, subject) in [
        (read, "`train.log`"),
        (unknown(None), "`splt`"),
        (unknown(Some("split-segments")), "`splt`"),
    ] {
        let text = error.to_string();
        assert!(phrase(&text), "{text}");
        assert!(text.contains(subject), "{text}");
    }
}

#[test]
fn no_line_of_a_report_is_wider_than_its_columns() {
    for (case, diagnosis) in ALONE.iter() {
        let text = cases::text(diagnosis);
        for line in text.lines() {
            assert!(
                line.width() <= COLUMNS,
                "{}: {} columns: {line}",
                case.folder.display(),
                line.width()
            );
            assert_eq!(
                line.trim_end(),
                line,
                "{}: a space at the end",
                case.folder.display()
            );
        }
    }
}

#[test]
fn nothing_in_a_report_moves_a_cursor() {
    for (case, _) in ALONE.iter() {
        let raw = [b"\x1b]0;owned\x07\x1b[2J::error::x\n".as_slice(), &case.log].concat();
        let text = cases::text(&whyoom::diagnose("\x1b[31mlog.txt", &raw));
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{}", case.folder.display());
    }
}

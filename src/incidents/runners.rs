//! Lines of test runners that hold the words of a failure and are none: a test that ended well, an id, a search.

use std::cell::RefCell;

use super::quotes;
use super::tested::go;
use crate::text::{ByShape, Line, Quiet};

/// What stands before a line of pytest's short summary, and what a verbose run ends a line with, where nothing failed.
const WELL: [&str; 8] = [
    "PASSED",
    "XFAIL",
    "XPASS",
    "SKIPPED",
    "RERUN",
    // Of subtests (pytest, `src/_pytest/subtests.py`, from 9).
    "SUBPASSED",
    "SUBXFAIL",
    "SUBSKIPPED",
];
pub(super) const BADLY: [&str; 2] = ["FAILED", "ERROR"];

thread_local! {
    /// Which lines begin a section of a report, by their shape: all lines around a failure are asked.
    static HEADS: RefCell<ByShape<bool>> = RefCell::default();
    /// Lines of which it is known that they are not silent.
    static LOUD: RefCell<Quiet> = RefCell::default();
}

/// The lines of a writer, and where pytest prints the reports of failures that were expected.
pub(crate) struct Silence<'a> {
    lines: &'a [Line],
    /// Where sections of a report begin, and whether what they hold was expected.
    sections: Vec<(usize, bool)>,
}

impl<'a> Silence<'a> {
    pub(crate) fn of(lines: &'a [Line]) -> Self {
        let heads = HEADS.with_borrow_mut(|known| {
            let heads = (0..)
                .zip(lines)
                .filter(|(_, line)| known.of(line, |text| ends_section(text.trim_end())));
            let heads = heads.map(|(at, line)| (at, expected(line.text.trim_end())));
            heads.collect()
        });
        Self {
            lines,
            sections: heads,
        }
    }

    /// True where the words on this line are no failure's.
    pub(crate) fn holds(&self, at: usize) -> bool {
        let Some(line) = self.lines.get(at) else {
            return false;
        };
        let before = self.sections.partition_point(|(head, _)| *head < at);
        let section = before.checked_sub(1).and_then(|i| self.sections.get(i));
        section.is_some_and(|(_, expected)| *expected)
            || is_silent(&line.text)
            || go::is_raised_again(self.lines, at)
            || quotes::is_documented(self.lines, at)
            || quotes::is_of_a_rule(self.lines, at)
    }
}

/// "==== FAILURES ====" and its like: what stands above belongs to something else.
pub(super) fn ends_section(text: &str) -> bool {
    text.ends_with("====") && text.trim_start_matches(['>', ' ']).starts_with("====")
}

/// True for the head of the part in which pytest prints failures that were expected.
fn expected(text: &str) -> bool {
    text.trim_matches(['=', '>', ' ']) == "XFAILURES"
}

/// True where a line that holds the words of a failure is none: a test that passed, was skipped, expected or run again, an id
/// that holds the words, or a command that looks for them.
fn is_silent(text: &str) -> bool {
    let silent = |text: &[u8]| str::from_utf8(text).is_ok_and(reads_silent);
    !LOUD.with_borrow_mut(|known| known.holds(text.as_bytes(), silent)) && reads_silent(text)
}

fn reads_silent(text: &str) -> bool {
    let text = text.trim();
    let text = unpercented(text);
    let first = text.split([' ', '\t', '[', '(']).next().unwrap_or_default();
    WELL.contains(&first) && text.len() > first.len()
        || ended_well(text)
        || only_names(text)
        || only_in_id(text)
        || searches(text)
        || quotes::is_quoted(text)
}

/// True for what names a test and tells nothing of its end: `<Function test_p[…]>` of `--collect-only`, `12.31s call
/// tests/a.py::test_p[…]` of `--durations`, a line of TAP, a test or a skipped one in `JUnit`'s XML.
fn only_names(text: &str) -> bool {
    const COLLECTED: [&str; 7] = [
        "<testcase ",
        "<skipped ",
        "<Function ",
        "<Class ",
        "<Module ",
        "<TestCaseFunction ",
        "<DoctestItem ",
    ];
    const STAGES: [&str; 3] = ["s call ", "s setup ", "s teardown "];
    let timed = STAGES.iter().any(|stage| {
        let seconds = text.split_once(stage).map(|(seconds, _)| seconds);
        seconds.is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    });
    let numbered = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let tap = text.strip_prefix("not ok ").is_some_and(numbered);
    timed || tap || COLLECTED.iter().any(|open| text.starts_with(open))
}

/// `[ 50%] PASSED tests/a.py::t`: pytest-xdist's verbose lines, without the share.
pub(super) fn unpercented(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|t| t.split_once("%] "));
    let share = inner.filter(|(share, _)| share.trim().bytes().all(|b| b.is_ascii_digit()));
    share.map_or(text, |(_, rest)| rest)
}

/// `tests/a.py::test_p[...] PASSED [ 50%]`, `test_x (tests.T) ... ok`, `test x ... ok`, `ok 3 - x # SKIP`, `[       OK ] A.b`.
fn ended_well(text: &str) -> bool {
    const GTEST: [&str; 3] = ["[       OK ]", "[  SKIPPED ]", "[  PASSED  ]"];
    let ends = text.rsplit_once("] ").map(|(_, end)| end);
    if ends.is_some_and(|end| WELL.contains(&end)) {
        return true;
    }
    let pytest = text.contains(".py::")
        && WELL.iter().any(|word| {
            text.split_once(&format!(" {word}"))
                .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\t']))
        });
    let dots = text.rsplit_once(" ... ").is_some_and(|(_, end)| {
        end == "ok"
            || end == "ignored"
            || end.starts_with("skipped")
            || end.starts_with("SKIP: ")
            || end.starts_with("expected failure")
    });
    let go = [
        "--- PASS: ",
        "--- SKIP: ",
        "PASS [",
        "PASS: ",
        "\u{2713} ",
        "\u{2714} ",
        "\u{221a} ",
    ]
    .iter()
    .any(|word| text.starts_with(word));
    let tap = text.starts_with("ok ") && text.contains(" - ");
    pytest || dots || go || tap || GTEST.iter().any(|word| text.starts_with(word))
}

/// True where the words stand within the brackets of a pytest id and not behind it.
fn only_in_id(text: &str) -> bool {
    let Some(at) = text.find(".py::") else {
        return false;
    };
    let before = text.get(..at).unwrap_or_default();
    let before = BADLY
        .iter()
        .find_map(|word| before.strip_prefix(word))
        .unwrap_or(before);
    let rest = text.get(at..).unwrap_or_default();
    let Some((name, behind)) = rest.split_once('[') else {
        return false;
    };
    let (parameters, behind) = behind
        .rsplit_once("] - ")
        .or_else(|| behind.rsplit_once(']'))
        .unwrap_or((behind, ""));
    let speaks = |text: &str| text.to_ascii_lowercase().contains("memory") || text.contains("OOM");
    !before.trim().contains(' ') && !name.contains(' ') && speaks(parameters) && !speaks(behind)
}

/// True for a command, traced or typed, that looks for the words in a log.
fn searches(text: &str) -> bool {
    const TOOLS: [&str; 10] = [
        "grep ", "egrep ", "fgrep ", "zgrep ", "rg ", "ag ", "ack ", "awk ", "sed ", "echo ",
    ];
    let command = text.trim_start_matches(['+', '$', '>', '#', '%', ' ']);
    let command = ["if ", "! ", "sudo ", "while "]
        .iter()
        .fold(command, |c, word| c.strip_prefix(word).unwrap_or(c));
    let quoted = text.contains(['"', '\'']) || text.contains("\\ ");
    let piped = ["| grep ", "| egrep ", "| rg ", "&& grep ", "; grep "]
        .iter()
        .any(|word| text.contains(word));
    quoted && (TOOLS.iter().any(|tool| command.starts_with(tool)) || piped)
}

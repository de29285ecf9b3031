//! Runs of tests that all ended well: what was written in one is no failure, whichever of its tests wrote it. `cargo test -- --nocapture`
//! and `pytest -s` do not say which one did.

use super::ends_section;
use crate::text::Line;

/// Whose run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    Rust,
    Pytest,
    Unittest,
    Node,
}

/// A line at which a run begins, or ends: well, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Begins(Runner),
    Ends(Runner, bool),
}

/// The mark of a line, with the lines below it.
pub(super) fn mark(text: &str, below: &[Line]) -> Option<Mark> {
    let text = text.trim();
    // What the forms begin with. All lines around a failure are asked.
    match text.bytes().next()? {
        b'r' | b't' => of_rust(text),
        b'=' => of_pytest(text),
        b'R' | b'+' | b'$' | b'#' => of_unittest(text, below),
        b'c' | b's' | b'T' => of_node(text),
        _ => None,
    }
}

/// True where the nearest mark above is the beginning of a run, and the nearest below its good end.
pub(super) fn holds(marks: &[(usize, Mark)], at: usize) -> bool {
    let behind = marks.partition_point(|(line, _)| *line < at);
    let above = behind.checked_sub(1).and_then(|i| marks.get(i));
    let below = marks.get(behind).map(|(_, mark)| *mark);
    match above {
        Some((_, Mark::Begins(whose))) => below == Some(Mark::Ends(*whose, true)),
        _ => false,
    }
}

/// `running 2 tests`, `test result: ok. 2 passed; 0 failed; …` (`library/test/src/formatters/pretty.rs`).
fn of_rust(text: &str) -> Option<Mark> {
    if let Some(rest) = text.strip_prefix("running ") {
        let (count, word) = rest.split_once(' ')?;
        let counts = count.bytes().all(|b| b.is_ascii_digit());
        return (counts && word.starts_with("test")).then_some(Mark::Begins(Runner::Rust));
    }
    let end = text.strip_prefix("test result: ")?;
    Some(Mark::Ends(Runner::Rust, end.starts_with("ok. ")))
}

/// `=== test session starts ===`, `=== 2 passed, 1 skipped in 3.02s ===` (pytest, `src/_pytest/terminal.py`).
fn of_pytest(text: &str) -> Option<Mark> {
    if !ends_section(text) {
        return None;
    }
    let words = text.trim_matches(['=', ' ']);
    if words == "test session starts" {
        return Some(Mark::Begins(Runner::Pytest));
    }
    let badly = [" failed", " error"].iter().any(|w| words.contains(w));
    let counts = words.starts_with(|c: char| c.is_ascii_digit()) && words.contains(" in ");
    counts.then_some(Mark::Ends(
        Runner::Pytest,
        !badly && words.contains(" passed"),
    ))
}

/// The command `python -m unittest`, and `Ran 2 tests in 0.004s` with `OK` below it (Python, `Lib/unittest/runner.py`).
fn of_unittest(text: &str, below: &[Line]) -> Option<Mark> {
    if let Some(rest) = text.strip_prefix("Ran ") {
        let counts = rest.contains(" test") && rest.contains(" in ") && rest.ends_with('s');
        let well = below
            .get(..2)
            .unwrap_or_default()
            .iter()
            .any(|line| line.text == "OK" || line.text.starts_with("OK ("));
        return counts.then_some(Mark::Ends(Runner::Unittest, well));
    }
    let runs =
        text.contains("python") && (text.contains("unittest") || text.contains("manage.py test"));
    runs.then_some(Mark::Begins(Runner::Unittest))
}

/// `console.log` above what a test wrote, and `Tests:  3 passed, 3 total` (jest, `packages/jest-console` and `jest-reporters`); vitest
/// names the stream and the file in one line, and counts as `Tests  3 passed (3)`.
fn of_node(text: &str) -> Option<Mark> {
    const WRITES: [&str; 4] = [
        "console.log",
        "console.error",
        "console.warn",
        "console.info",
    ];
    if WRITES.contains(&text) || text.starts_with("stdout | ") || text.starts_with("stderr | ") {
        return Some(Mark::Begins(Runner::Node));
    }
    let counts = text
        .strip_prefix("Tests:")
        .or_else(|| text.strip_prefix("Tests  "))?;
    Some(Mark::Ends(
        Runner::Node,
        counts.contains(" passed") && !counts.contains(" failed"),
    ))
}

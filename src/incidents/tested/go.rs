//! `go test` without `-v` prints what a test logged below the line that says that it failed, indented; with `-v` above it (Go,
//! `src/testing/testing.go`, `flushToParent` and `chattyPrinter`).

use super::{ABOVE, Line, word};

/// The test of a line that a test logged, where the line that says that it failed stands above.
pub(super) fn test_of(lines: &[Line], at: usize) -> Option<String> {
    let own = &lines.get(at)?.text;
    if own.trim_start().starts_with("panic: ") {
        let above = lines.get(at.saturating_sub(2)..at)?.iter().rev();
        let mut failed = above.map(|line| line.text.trim_start());
        return word(failed.find_map(|text| text.strip_prefix("--- FAIL: "))?);
    }
    if !is_logged(own) {
        return None;
    }
    let above = lines.get(at.saturating_sub(ABOVE)..at)?.iter().rev();
    let mut told = above
        .map(|line| line.text.trim_start())
        .filter(|text| text.starts_with("--- ") || text.starts_with("=== "));
    word(told.next()?.strip_prefix("--- FAIL: ")?)
}

/// True for a panic that the runner took and raised again, and so prints twice: "panic: text [recovered]", and below it "panic: text" (Go,
/// `src/runtime/panic.go`, `printpanics`).
pub(in crate::incidents) fn is_raised_again(lines: &[Line], at: usize) -> bool {
    let said = |at: usize| lines.get(at)?.text.trim().strip_prefix("panic: ");
    let first = said(at).and_then(|text| text.strip_suffix(" [recovered]"));
    first.is_some() && said(at + 1) == first
}

/// `    pool_test.go:30: text`.
fn is_logged(text: &str) -> bool {
    let file = text.trim_start();
    let place = file.split_once("_test.go:").map(|(name, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        !name.contains(' ') && digits > 0 && rest.get(digits..).is_some_and(|t| t.starts_with(": "))
    });
    file.len() < text.len() && place == Some(true)
}

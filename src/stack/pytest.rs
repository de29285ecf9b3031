//! The stacks of pytest's own reports: `--tb=long`, `auto`, `short` and `line`. `native` is Python's.
//!
//! An entry ends (long) or begins (short) with `lib/ops.py:7: …`, its code stands above it behind `>` (long) or below it (short), and the
//! exception's lines begin with `E` (pytest, `src/_pytest/_code/code.py`, `ReprEntry` and `ReprFileLocation`).

use crate::evidence::{Frame, Traceback};
use crate::text::Line;

/// So far above the exception a test's report may begin, in lines: pytest prints whole functions.
const REPORT: usize = 400;
/// So many lines of an exception's text may stand between its first and the place below it.
const BELOW: usize = 40;

/// What a line of the report says of a place.
struct Entry<'a> {
    file: &'a str,
    line: u32,
    /// Behind the place: nothing, `in f`, or the class of the exception.
    says: &'a str,
}

/// The stack of the report in whose exception the line with this index stands; `None` where it is no line of such a report.
pub(crate) fn tested(lines: &[Line], at: usize) -> Option<Traceback> {
    let own = &lines.get(at)?.text;
    if let Some(entry) = entry(own).filter(|entry| is_class(entry.says)) {
        let frames = vec![frame(&entry, lines, at)];
        return Some(Traceback {
            frames,
            shown: Vec::new(),
            chained: false,
        });
    }
    if !is_exception(own) {
        return None;
    }
    let from = begins(lines, at);
    let mut frames = Vec::new();
    let above = (from..at).filter(|index| {
        !lines
            .get(*index)
            .is_some_and(|line| is_exception(&line.text))
    });
    for index in above {
        let found = lines.get(index).and_then(|line| entry(&line.text));
        frames.extend(
            found
                .filter(|e| e.says.is_empty() || e.says.starts_with("in "))
                .map(|e| frame(&e, lines, index)),
        );
    }
    let below = lines.iter().enumerate().skip(at + 1).take(BELOW);
    // The values of the function's names may stand between (`--showlocals`).
    let mut own = below.take_while(|(_, line)| !ends_report(&line.text));
    let last = own.find_map(|(index, line)| Some((index, entry(&line.text)?)));
    frames.extend(
        last.filter(|(_, e)| is_class(e.says))
            .map(|(index, e)| frame(&e, lines, index)),
    );
    (!frames.is_empty()).then_some(Traceback {
        frames,
        shown: Vec::new(),
        chained: false,
    })
}

/// Where the report of the test begins: below its banner, or below the exception that it was raised from.
fn begins(lines: &[Line], at: usize) -> usize {
    let floor = at.saturating_sub(REPORT);
    let ends = |line: &Line| {
        banner(&line.text).is_some()
            || unquoted(&line.text).starts_with("=====")
            || opens(&line.text)
    };
    let found = (floor..at)
        .rev()
        .find(|index| lines.get(*index).is_some_and(ends));
    found.map_or(floor, |index| index + 1)
}

/// True where what stands below is no part of the report: another one, a section, what the test wrote.
fn ends_report(text: &str) -> bool {
    let text = unquoted(text);
    banner(text).is_some() || text.starts_with("=====") || text.starts_with("-----")
}

/// True for the tag that a failure's text follows in `JUnit`'s XML.
fn opens(text: &str) -> bool {
    text.starts_with("<failure") || text.starts_with("<error ")
}

/// A line without the mark of a quote, with which people hand on what they were sent. `>` of pytest itself stands before code, and
/// that is none of these lines.
fn unquoted(text: &str) -> &str {
    text.strip_prefix("> ").unwrap_or(text)
}

/// `_____ TestA.test_x[fp16] _____`: the name of the test whose report follows.
pub(crate) fn banner(text: &str) -> Option<&str> {
    let text = unquoted(text).trim();
    let inner = text.strip_prefix("__")?.trim_start_matches('_');
    let name = inner.strip_suffix('_')?.trim_end_matches('_');
    let name = name.strip_prefix(' ')?.trim();
    (!name.is_empty() && !name.starts_with("_ ")).then_some(name)
}

/// True for a line of the exception's text.
pub(crate) fn is_exception(text: &str) -> bool {
    unquoted(text)
        .trim_start()
        .strip_prefix('E')
        .is_some_and(|rest| rest.starts_with("  ") || rest.is_empty())
}

/// True for `lib/ops.py:7: torch.OutOfMemoryError: …`, a place and the exception that was raised there.
pub(crate) fn is_placed(text: &str) -> bool {
    entry(text).is_some_and(|entry| is_class(entry.says))
}

/// `lib/ops.py:7: in f`, `lib/ops.py:7: OutOfMemoryError`, `lib/ops.py:7: `.
fn entry(text: &str) -> Option<Entry<'_>> {
    let text = unquoted(text).trim();
    let end = [".py:", ".pyx:"]
        .iter()
        .find_map(|end| text.find(end).map(|at| at + end.len() - 1))?;
    let (file, after) = text.split_at_checked(end)?;
    let after = after.strip_prefix(':')?;
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (number, says) = after.split_at_checked(digits)?;
    let line = number.parse().ok()?;
    let says = says.strip_prefix(':')?.trim();
    let path = !file.contains([' ', '"', '\'', '(']) && !file.is_empty();
    path.then_some(Entry { file, line, says })
}

/// The class of an exception, alone or before its text.
fn is_class(says: &str) -> bool {
    let end = says.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    let (name, after) = says
        .split_at_checked(end.unwrap_or(says.len()))
        .unwrap_or_default();
    let class = ["Error", "Exception", "OutOfMemory", "Interrupt", "Exit"]
        .iter()
        .any(|end| name.ends_with(end));
    class && (after.is_empty() || after.starts_with(':'))
}

fn frame(entry: &Entry<'_>, lines: &[Line], at: usize) -> Frame {
    let short = entry.says.strip_prefix("in ");
    let code = match short {
        Some(_) => lines.get(at + 1).map(|line| line.text.trim()),
        None => marked(lines, at),
    };
    Frame {
        file: entry.file.to_owned(),
        line: entry.line,
        function: short
            .or_else(|| defined(lines, at))
            .unwrap_or_default()
            .to_owned(),
        code: code.unwrap_or_default().to_owned(),
        at: lines.get(at).map_or(0, |line| line.number),
    }
}

/// The lines of one entry above its place, nearest first.
fn entry_above(lines: &[Line], at: usize) -> impl Iterator<Item = &str> {
    let above = lines.get(at.saturating_sub(REPORT)..at).unwrap_or_default();
    let texts = above.iter().rev().map(|line| line.text.as_str());
    texts.take_while(|text| {
        !text.starts_with("_ _ _") && banner(text).is_none() && entry(text).is_none()
    })
}

/// The line of code that pytest marks.
fn marked(lines: &[Line], at: usize) -> Option<&str> {
    entry_above(lines, at)
        .find_map(|text| text.strip_prefix('>').or_else(|| text.strip_prefix("&gt;")))
        .map(str::trim)
}

/// The function whose source stands above.
fn defined(lines: &[Line], at: usize) -> Option<&str> {
    let mut texts = entry_above(lines, at);
    let head = texts.find_map(|text| {
        let text = text.trim_start().trim_start_matches('>').trim_start();
        text.strip_prefix("def ")
            .or_else(|| text.strip_prefix("async def "))
    })?;
    head.split('(').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean;

    fn places(log: &str) -> Vec<String> {
        let lines = clean(log.as_bytes(), 1);
        let at = lines
            .iter()
            .position(|line| line.text.contains("out of memory"))
            .unwrap();
        let found = tested(&lines, at).map(|t| t.frames).unwrap_or_default();
        let words = found
            .iter()
            .map(|f| format!("{}:{} {} {}", f.file, f.line, f.function, f.code));
        words.collect()
    }

    const E: &str = "E   torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB.";

    #[test]
    fn short_long_and_line_give_the_same_places() {
        let short = format!(
            "____ test_x ____\ntests/test_a.py:12: in test_x\n    y = f(x)\nlib/ops.py:7: in f\n    return x @ x.T\n{E}\n"
        );
        let long = format!(
            "____ test_x ____\n\n    def test_x():\n        x = 1\n>       y = f(x)\n\ntests/test_a.py:12: \n_ _ _ _ _ _\n\nx = 1\n\n    def f(x):\n>       \
             return x @ x.T\n{E}\n\nlib/ops.py:7: OutOfMemoryError\n"
        );
        let both = [
            "tests/test_a.py:12 test_x y = f(x)",
            "lib/ops.py:7 f return x @ x.T",
        ];
        assert_eq!(places(&short), both);
        assert_eq!(places(&long), both);
        assert_eq!(
            places("/ci/lib/ops.py:7: torch.OutOfMemoryError: CUDA out of memory. Tried"),
            ["/ci/lib/ops.py:7  "]
        );
    }

    #[test]
    fn a_line_of_another_kind_is_none() {
        assert!(places("torch.OutOfMemoryError: CUDA out of memory. Tried").is_empty());
        assert!(places("see lib/ops.py:7: it says out of memory").is_empty());
    }
}

//! How far the neighbourhood of a failure reaches, by lines and by bytes.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

/// Lines before a failure among which the head of its stack is looked for.
const STACK_LINES: usize = 400;
/// The same, in bytes: lines can be long.
const STACK_BYTES: usize = 256 << 10;
/// Lines before the stack, or before a failure without one: step bars and what the program had just said.
const CONTEXT_LINES: usize = 40;
/// The same, in bytes.
const CONTEXT_BYTES: usize = 32 << 10;
/// Lines after a failure: tables, exceptions that it led to, the launcher's summary.
const AFTER_LINES: usize = 80;
/// Lines after a failure where a stack is still going on after [`AFTER_LINES`].
const AFTER_STACK_LINES: usize = 480;
/// Bytes after a failure, at most.
pub(super) const AFTER_BYTES: usize = 64 << 10;
/// So many lines without a mark of a stack end it: source, underlines and the message stand between two frames.
const STACK_GAP: usize = 4;
/// What must still be known before a failure to find where its neighbourhood begins.
pub(super) const BEFORE_BYTES: usize = STACK_BYTES + CONTEXT_BYTES + 1;

/// The head of a stack of Python, Rich and `IPython`.
static HEAD: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("Traceback (most recent call last)"));
/// What else stands in a stack, at least every [`STACK_GAP`] lines: frames, and what chains one exception to the next.
static INSIDE: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new("File \""), Finder::new(" above exception")]);

/// The range of the line that ends before the newline at `end - 1`, or before `end` where no newline stands there.
fn line_before(bytes: &[u8], low: usize, end: usize) -> (usize, &[u8]) {
    let part = bytes.get(low..end).unwrap_or(&[]);
    let body = part.strip_suffix(b"\n").unwrap_or(part);
    let start = memrchr(b'\n', body).map_or(0, |at| at + 1);
    (low + start, part.get(start..).unwrap_or(&[]))
}

/// True where the line belongs to a stack.
fn in_stack(line: &[u8]) -> bool {
    HEAD.find(line).is_some() || INSIDE.iter().any(|mark| mark.find(line).is_some())
}

/// Where the stack begins that ends in the failure at `at`, not before `low`: the start of a line; `None` where there
/// is none. Stacks that are chained to it or that other ranks wrote between its lines belong to it.
pub(super) fn stack(bytes: &[u8], low: usize, at: usize) -> Option<usize> {
    let low = low.max(at.saturating_sub(STACK_BYTES));
    let mut end = at;
    let mut lines = 0;
    let mut head = loop {
        if end <= low || lines > STACK_LINES {
            return None;
        }
        let (start, line) = line_before(bytes, low, end);
        end = start;
        lines += 1;
        if HEAD.find(line).is_some() {
            break start;
        }
    };
    let mut quiet = 0;
    while end > low && lines <= STACK_LINES && quiet < STACK_GAP {
        let (start, line) = line_before(bytes, low, end);
        end = start;
        lines += 1;
        quiet += 1;
        if in_stack(line) {
            head = start;
            quiet = 0;
        }
    }
    Some(head)
}

/// Where the neighbourhood of the failure at `at` begins, not before `low`.
pub(super) fn before(bytes: &[u8], low: usize, at: usize) -> usize {
    let from = stack(bytes, low, at).unwrap_or(at);
    let floor = low.max(from.saturating_sub(CONTEXT_BYTES));
    let mut start = from;
    // The line of `from` itself is the first.
    for _ in 0..=CONTEXT_LINES {
        if start <= floor {
            break;
        }
        start = line_before(bytes, floor, start).0;
    }
    if start == low || start == 0 || bytes.get(start - 1) == Some(&b'\n') {
        return start;
    }
    after_gap(bytes, start, from)
}

/// The first byte after white space in `start..end`, so that no number is cut in two; `start` where there is none.
pub(super) fn after_gap(bytes: &[u8], start: usize, end: usize) -> usize {
    let part = bytes.get(start..end).unwrap_or(&[]);
    let gap = part.iter().position(u8::is_ascii_whitespace);
    gap.map_or(start, |at| start + at + 1)
}

/// The last white space in `start..end`, so that no number is cut in two; `end` where there is none.
pub(super) fn before_gap(bytes: &[u8], start: usize, end: usize) -> usize {
    let part = bytes.get(start..end).unwrap_or(&[]);
    let gap = part.iter().rposition(u8::is_ascii_whitespace);
    gap.map_or(end, |at| start + at)
}

/// A walk over the lines after a failure that can be interrupted anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct After {
    /// The end of the literal.
    from: usize,
    /// Lines before this index have been seen.
    at: usize,
    /// No line ends between `at` and this index.
    searched: usize,
    lines: usize,
    quiet: usize,
}

impl After {
    /// A walk from the end of a literal.
    pub(super) fn new(from: usize) -> Self {
        Self {
            from,
            at: from,
            searched: from,
            lines: 0,
            quiet: 0,
        }
    }

    /// The end of the literal that it began at.
    pub(super) fn literal(&self) -> usize {
        self.from
    }

    /// Walks on, over lines that end at or before `limit`; returns where the neighbourhood ends once it gets there.
    pub(super) fn walk(&mut self, bytes: &[u8], limit: usize) -> Option<usize> {
        let cap = self.from + AFTER_BYTES;
        loop {
            let rest = bytes.get(self.searched..limit.min(cap)).unwrap_or(&[]);
            let Some(length) = memchr(b'\n', rest) else {
                self.searched += rest.len();
                return (limit >= cap).then(|| {
                    // A line that began in reach is cut, a whole one stays whole.
                    before_gap(bytes, self.at, cap)
                });
            };
            let end = self.searched + length + 1;
            let line = bytes.get(self.at..end).unwrap_or(&[]);
            self.at = end;
            self.searched = end;
            self.lines += 1;
            if self.lines + STACK_GAP > AFTER_LINES {
                self.quiet = if in_stack(line) { 0 } else { self.quiet + 1 };
            }
            let over = self.lines > AFTER_LINES && self.quiet >= STACK_GAP;
            if over || self.lines > AFTER_STACK_LINES {
                return Some(self.at);
            }
        }
    }

    /// The end of the line of the literal, at most `limit`.
    pub(super) fn line_end(&self, bytes: &[u8], limit: usize) -> usize {
        let rest = bytes.get(self.from..limit).unwrap_or(&[]);
        memchr(b'\n', rest).map_or(self.from.min(limit), |length| self.from + length + 1)
    }

    /// The same walk after `count` bytes were dropped before it.
    pub(super) fn moved(mut self, count: usize) -> Self {
        self.from -= count;
        self.at -= count;
        self.searched -= count;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACEBACK: &str = "Traceback (most recent call last):\n";

    fn lines(n: usize) -> String {
        "something else\n".repeat(n)
    }

    fn begins(text: &str) -> &str {
        let start = before(text.as_bytes(), 0, text.len());
        text.get(start..).unwrap()
    }

    #[test]
    fn the_head_of_the_stack_is_found_far_above_and_some_lines_before_it_are_kept() {
        let text = format!("{}{TRACEBACK}{}", lines(100), lines(300));
        assert_eq!(begins(&text).matches("something").count(), 341);
    }

    #[test]
    fn without_a_stack_a_few_lines_are_kept() {
        assert_eq!(begins(&lines(1000)).matches("something").count(), 41);
    }

    #[test]
    fn a_head_that_is_too_far_away_is_of_another_stack() {
        let text = format!("{TRACEBACK}{}", lines(450));
        assert_eq!(begins(&text).matches("something").count(), 41);
    }

    #[test]
    fn chained_and_interleaved_stacks_are_kept_whole() {
        let chained = format!(
            "first{}{TRACEBACK}  File \"a.py\", line 1, in f\n    f()\nValueError: x\n\nDuring handling of the above \
             exception, another exception occurred:\n\n{TRACEBACK}  File \"a.py\", line 2, in g\n",
            lines(60)
        );
        let at = stack(chained.as_bytes(), 0, chained.len()).unwrap();
        let whole = chained.get(at..).unwrap();
        assert!(whole.starts_with(TRACEBACK) && whole.matches(TRACEBACK).count() == 2);
    }

    #[test]
    fn a_line_without_an_end_is_cut_between_two_words() {
        let text = "12345 ".repeat(100_000);
        let kept = begins(&text);
        assert!(kept.starts_with("12345 ") && kept.len() <= CONTEXT_BYTES);
    }

    #[test]
    fn the_walk_ends_at_the_same_byte_wherever_it_is_interrupted() {
        let stack = format!(
            "{TRACEBACK}{}",
            "  File \"a.py\", line 2, in g\n    x\n".repeat(60)
        );
        for text in [
            lines(200),
            format!("{}{stack}{}", lines(70), lines(99)),
            "a b ".repeat(50_000),
        ] {
            let bytes = text.as_bytes();
            let whole = After::new(3).walk(bytes, bytes.len());
            let mut after = After::new(3);
            let parts = (4..bytes.len())
                .step_by(97)
                .find_map(|limit| after.walk(bytes, limit));
            assert!(whole.is_some());
            assert_eq!(whole, parts);
        }
    }
}

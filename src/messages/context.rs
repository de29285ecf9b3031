//! The text around one match of a message's head, and what can be asked of it.

use super::nearby::{capture, number};
use super::patterns::{folded_finder, start, tail};
use crate::text::{Line, Squeezed};

/// The text around one match: from its head to the next one.
pub struct Match<'a> {
    /// Squeezed text from the head on.
    pub text: &'a str,
    /// The same in lower case.
    pub(super) folded: &'a str,
    /// Squeezed text before the head, at most 2000 bytes of it.
    pub before: &'a str,
    /// The whole line that holds the head, white space and all: tables need their columns. Of a long one what stands around the head.
    pub line_text: &'a str,
    /// The raw line number, from 1, of a byte of `text`.
    pub line_number: &'a dyn Fn(usize) -> u64,
    /// How many bytes of `text` the head takes.
    pub(super) head: usize,
    /// Where `text` begins in the squeezed copy.
    pub(super) at: usize,
    pub(super) squeezed: &'a Squeezed,
    pub(super) lines: &'a [Line],
}

/// So much of a line is looked at on either side of a head: a line can have millions of bytes, and as many heads as fit.
const NEAR: usize = 8 << 10;

impl Match<'_> {
    /// The first capture of a pattern on the squeezed text, without regard to case.
    pub fn capture(&self, pattern: &'static str) -> Option<String> {
        capture(pattern, self.text)
    }

    /// The same as a number: the index of a device, a rank.
    pub(super) fn number(&self, pattern: &'static str) -> Option<u32> {
        number(pattern, self.text)
    }

    /// True where the squeezed text holds the literal, without regard to case.
    pub fn says(&self, literal: &'static str) -> bool {
        folded_finder(literal)
            .find(self.folded.as_bytes())
            .is_some()
    }

    /// So much of the squeezed text before the head, or a few bytes more.
    pub(super) fn above(&self, bytes: usize) -> &str {
        tail(self.squeezed.text.get(..self.at).unwrap_or(""), bytes)
    }

    /// The squeezed text of the head's own line, before it.
    pub(super) fn line_before(&self) -> &str {
        let start = self.squeezed.line_span(self.at).start;
        tail(self.squeezed.text.get(start..self.at).unwrap_or(""), NEAR)
    }

    /// True where the prefix of the head's line is that of a record of an error.
    pub(super) fn in_an_error_record(&self) -> bool {
        let own = self.lines.get(self.squeezed.line_at(self.at));
        own.is_some_and(|line| line.error)
    }

    /// True where the head begins the value of a field of JSON, which may itself stand in a string of JSON.
    pub(super) fn begins_a_value(&self) -> bool {
        let before = self.line_before();
        before.ends_with(":\"") || before.ends_with(":\\\"")
    }

    /// The squeezed text behind the head, to the end of the line in which the head ends.
    pub(super) fn line_after(&self) -> &str {
        let from = self.at + self.head;
        let end = self.squeezed.line_span(from.saturating_sub(1)).end;
        start(self.squeezed.text.get(from..end).unwrap_or(""), NEAR)
    }

    /// The squeezed text from the head to the end of the line in which the head ends: a name at its end is not the next line's.
    pub(super) fn own_line(&self) -> &str {
        let end = self.head + self.line_after().len();
        self.text.get(..end).unwrap_or(self.text)
    }

    /// The raw line number, from 1, of the byte that stands so far before the head.
    pub(super) fn line_back(&self, back: usize) -> u64 {
        let index = self.squeezed.line_at(self.at.saturating_sub(back));
        self.lines.get(index).map_or(0, |line| line.number)
    }

    /// The lines above the head's own, nearest first, white space and all.
    pub(super) fn lines_above(&self) -> impl Iterator<Item = &str> {
        let above = self.lines.get(..self.squeezed.line_at(self.at));
        let lines = above.unwrap_or_default().iter().rev();
        lines.map(|line| line.text.as_str())
    }

    /// The lines below the head's own, white space and all.
    pub(super) fn lines_below(&self) -> impl Iterator<Item = &str> {
        let below = self.lines.get(self.squeezed.line_at(self.at) + 1..);
        let lines = below.unwrap_or_default().iter();
        lines.map(|line| line.text.as_str())
    }

    /// The line below the head's own.
    pub(super) fn line_below(&self) -> &str {
        self.lines_below().next().unwrap_or("")
    }

    /// True where the byte that stands so far before the head begins a line.
    pub(super) fn begins_line(&self, back: usize) -> bool {
        self.at
            .checked_sub(back)
            .is_some_and(|at| self.squeezed.line_span(at).start == at)
    }
}

//! The lines that tell of tests, commands and headings, out of all around a failure.

use std::cell::RefCell;

use super::heads::{ends, named};
use super::{ABOVE, BELOW, LATEST, command, failed_below, green, heads, is_heading, results};
use crate::text::{ByShape, Line};

/// The lines on which runners tell of tests: they are read once for all failures among them.
pub(crate) struct Tests {
    /// Where lines begin a test or end a section, in order.
    pub(super) begin: Vec<usize>,
    /// Where lines tell that a test failed, in order.
    pub(super) failed: Vec<usize>,
    /// Where lines are commands that are run, in order.
    pub(super) commands: Vec<usize>,
    /// Where lines say what the program does next, in order.
    pub(super) headings: Vec<usize>,
    /// Where lines tell how a test ended, in order.
    pub(super) results: Vec<usize>,
    /// Where whole runs begin and end, in order.
    pub(super) runs: Vec<(usize, green::Mark)>,
}

thread_local! {
    /// What lines may tell, by their shape: all lines around a failure are asked, and most tell nothing.
    static TELLS: RefCell<ByShape<u8>> = RefCell::default();
}

/// What a line may tell of tests, a bit each.
mod may {
    pub(super) const BEGIN: u8 = 1;
    pub(super) const FAILED: u8 = 1 << 1;
    pub(super) const COMMAND: u8 = 1 << 2;
    pub(super) const HEADING: u8 = 1 << 3;
    pub(super) const RESULT: u8 = 1 << 4;
    pub(super) const MARK: u8 = 1 << 5;
    /// Not by itself: the line below a rule can be the head of a report.
    pub(super) const RULE: u8 = 1 << 6;
}

fn begins(text: &str) -> bool {
    let text = text.trim_end();
    heads::can(text) && (ends(text) || named(text, LATEST).is_some())
}

/// What a line tells, but for its neighbours.
fn tells(text: &str) -> u8 {
    let told = [
        (begins(text), may::BEGIN),
        (failed_below(text).is_some(), may::FAILED),
        (command(text).is_some(), may::COMMAND),
        (is_heading(text), may::HEADING),
        (results::is_one(text), may::RESULT),
        (green::mark(text, &[]).is_some(), may::MARK),
        (heads::is_rule(text), may::RULE),
    ];
    let told = told.iter().filter(|(told, _)| *told);
    told.fold(0, |all, (_, bit)| all | bit)
}

impl Tests {
    /// Those among these lines.
    pub(crate) fn of(lines: &[Line]) -> Self {
        let mut tests = Self {
            begin: Vec::new(),
            failed: Vec::new(),
            commands: Vec::new(),
            headings: Vec::new(),
            results: Vec::new(),
            runs: Vec::new(),
        };
        TELLS.with_borrow_mut(|known| {
            let mut above = 0;
            for (at, line) in lines.iter().enumerate() {
                let told = known.of(line, tells);
                if told | above != 0 {
                    tests.take((lines, at), told, above & may::RULE != 0);
                }
                above = told & may::RULE;
            }
        });
        tests
    }

    /// Takes a line that may tell something: what it told depends on no digit, and here all is read.
    fn take(&mut self, (lines, at): (&[Line], usize), told: u8, below_rule: bool) {
        let Some(line) = lines.get(at) else { return };
        let text = line.text.as_str();
        let may = |bit: u8| told & bit != 0;
        let begins = may(may::BEGIN) && begins(text);
        if begins || below_rule && heads::described(lines, at).is_some() {
            self.begin.push(at);
        }
        if may(may::FAILED) && failed_below(text).is_some() {
            self.failed.push(at);
        }
        if may(may::COMMAND) && command(text).is_some() {
            self.commands.push(at);
        }
        if may(may::HEADING) && is_heading(text) {
            self.headings.push(at);
        }
        if may(may::RESULT) && results::is_one(text) {
            self.results.push(at);
        }
        if may(may::MARK) {
            let mark = green::mark(text, lines.get(at + 1..).unwrap_or_default());
            self.runs.extend(mark.map(|mark| (at, mark)));
        }
    }

    /// Where lines above one can tell of its test, from below: the nearest ones, and the nearest that tells for sure.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        let near = at.saturating_sub(LATEST);
        let before = self.begin.partition_point(|begin| *begin < near);
        let farther = before.checked_sub(1).and_then(|i| self.begin.get(i));
        let farther = farther.filter(|begin| **begin >= at.saturating_sub(ABOVE));
        (near..at).rev().chain(farther.copied())
    }

    /// Where the nearest line below one tells that a test failed.
    pub(super) fn below(&self, at: usize) -> Option<usize> {
        let before = self.failed.partition_point(|failed| *failed <= at);
        let failed = *self.failed.get(before)?;
        (failed <= at + BELOW).then_some(failed)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_digit_decides_what_a_line_tells() {
        crate::text::shapes::no_digit_decides(super::tells);
    }
}

//! `--tb=line` of pytest prints a failure's place and message, and not its test. The short summary below has the tests in the same order
//! (pytest, `src/_pytest/terminal.py`: both go through `stats["failed"]`).

use super::{Line, ends_section, is_id};
use crate::stack::pytest;

/// So long a section is looked through.
const SECTION: usize = 2000;

/// The test of the failure whose message stands on the line with this index.
pub(super) fn test_of(lines: &[Line], at: usize) -> Option<String> {
    let own = &lines.get(at)?.text;
    if !pytest::is_exception(own) && !pytest::is_placed(own) {
        return None;
    }
    let text = |index: usize| lines.get(index).map_or("", |line| line.text.trim_end());
    let first = at.saturating_sub(SECTION);
    let head = (first..at).rev().find(|index| ends_section(text(*index)))?;
    let last = lines.len().min(at + SECTION);
    let end = (at..last).find(|index| ends_section(text(*index)))?;
    let named = |index: usize| pytest::banner(text(index)).is_some();
    if !text(head).contains(" FAILURES ")
        || !text(end).contains(" short test summary ")
        || (head..end).any(named)
    {
        return None;
    }
    let places = || (head..end).filter(|index| pytest::is_placed(text(*index)));
    let below = (end + 1..last).take_while(|index| !ends_section(text(*index)));
    let ids: Vec<&str> = below.filter_map(|index| failed(text(index))).collect();
    let before = places().filter(|place| *place < at).count();
    let told = places().count() == ids.len();
    ids.get(before).filter(|_| told).map(|id| (*id).to_owned())
}

/// The id of a line of the summary, with or without its message.
fn failed(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("FAILED ")?;
    let id = rest.split_once(" - ").map_or(rest, |(id, _)| id);
    is_id(id).then_some(id)
}

//! A request that was refused, and tried again in the same function: code in an `except` block runs while the exception still holds the
//! frames of the failed call and all that they made.

use super::lines::{self, Lines};
use crate::bytes::sum;
use crate::evidence::Retried;
use crate::snapshot::moment::Moment;
use crate::snapshot::{Action, State};

/// So many of the latest refusals are looked at: a library may try several ways to work, of which some are refused.
const LATEST: usize = 64;

/// What an attempt holds that was refused before the request of this moment; `None` where there was none, or where it holds little.
pub(super) fn kept(
    lines: &Lines<'_>,
    device: usize,
    moment: &Moment,
    state: &State,
) -> Option<Retried> {
    let (snapshot, now) = (lines.snapshot, moment.row?);
    let trace = snapshot.traces.get(device)?;
    if moment.refusals_before == 0 {
        return None;
    }
    let before = trace.first(moment.position?);
    let refused = before.iter().rev().flat_map(|rows| {
        let actions = snapshot.events.actions(rows.clone()).iter().enumerate();
        let found = actions.rev().filter(|(_, action)| **action == Action::Oom);
        found.map(|(place, _)| rows.start + place)
    });
    let now = path(lines, now);
    refused.take(LATEST).find_map(|row| {
        let line = left_for(lines, &path(lines, row), &now)?;
        let of_it = state.live.values().filter(|live| {
            live.row.is_some_and(|made| made < row)
                && snapshot.stacks.of(live.stack).contains(&line)
        });
        let bytes = sum(of_it.map(|live| live.size));
        let frame = lines::frame(snapshot, line);
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        (bytes >= state.active() / 4).then(|| Retried {
            place: format!("{file}:{}", frame.line),
            bytes,
        })
    })
}

/// The frames of Python behind an event, outermost first.
fn path(lines: &Lines<'_>, row: usize) -> Vec<u32> {
    let stack = lines.snapshot.events.stack(row);
    lines.python(stack).rev().collect()
}

/// The line at which a function of the program called what was refused, where it has gone on to another line of its own. What a model
/// does after a layer was refused is no other attempt.
fn left_for(lines: &Lines<'_>, before: &[u32], now: &[u32]) -> Option<u32> {
    let both = before.iter().zip(now);
    let shared = both.clone().take_while(|(one, other)| one == other).count();
    let (one, other) = both.clone().nth(shared)?;
    let within = before.iter().take(shared);
    let stacks = &lines.snapshot.stacks;
    let (was, is) = (stacks.get(*one)?, stacks.get(*other)?);
    let same = (was.file, was.name) == (is.file, is.name) && lines.is_own(*one);
    let model = within
        .into_iter()
        .any(|frame| lines.works_on_a_model(*frame));
    (same && !model).then_some(*one)
}

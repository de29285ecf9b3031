//! The stack that ends in a message, and what it tells.

use super::source_above;
use crate::evidence::{Family, Frame, Incident, Program, Traceback};
use crate::stack::{self, Found, pytest};
use crate::text::Line;

/// How many lines may stand between a stack and the message that it ends in.
const STACK_REACH: usize = 6;
/// The same for Paddle, which prints its own C++ stack between the two.
const PADDLE_STACK_REACH: usize = 150;

/// Gives the failure the stack that ends in it, the phase and the user's own frame; returns where what belongs to the
/// failure begins, as the index of a line.
pub(crate) fn attach_stack(
    incident: &mut Incident,
    first: usize,
    (stacks, lines): (&[Found], &[Line]),
    user_paths: &[String],
) -> usize {
    let reach = if incident.framework == Program::Paddle {
        PADDLE_STACK_REACH
    } else {
        STACK_REACH
    };
    let near = stacks
        .iter()
        .rev()
        .find(|s| s.first <= first && first <= s.last + reach);
    let below = || stacks.iter().find(|s| is_pasted_below(s, first, lines));
    if let Some(found) = near.or_else(below) {
        take_stack(incident, found, user_paths);
        return found.first.min(first);
    }
    if let Some((frame, begins)) = typed_in_a_cell(lines, first) {
        let traceback = Traceback {
            frames: vec![frame],
            ..Traceback::default()
        };
        take(incident, &traceback, user_paths);
        return begins;
    }
    first
}

/// `In [7]: model.to("cuda")` right above a message without a stack: what `IPython` ran, and the index of its line.
fn typed_in_a_cell(lines: &[Line], first: usize) -> Option<(Frame, usize)> {
    let above = lines.get(..first)?.iter().enumerate().rev();
    let (at, line) = above
        .take(2)
        .find(|(_, line)| !line.text.trim().is_empty())?;
    let (cell, code) = line.text.trim().strip_prefix("In [")?.split_once("]: ")?;
    cell.parse::<u32>().ok()?;
    let frame = Frame {
        file: format!("<ipython-input-{cell}>"),
        line: 1,
        function: "<module>".to_owned(),
        code: code.trim().to_owned(),
        at: line.number,
    };
    Some((frame, at))
}

/// Gives the failure this stack.
pub(crate) fn take_stack(incident: &mut Incident, found: &Found, user_paths: &[String]) {
    take(incident, &found.traceback, user_paths);
}

fn take(incident: &mut Incident, traceback: &Traceback, user_paths: &[String]) {
    incident.traceback = traceback.clone();
    incident.frame = stack::user_frame_with(traceback, user_paths).cloned();
    incident.phase = stack::phase(traceback).or(incident.phase);
    incident.note_inference();
    crate::settings::read_stack(traceback, &mut incident.settings);
}

/// How many lines may stand between a message and the stack that somebody pasted below it.
pub(crate) const PASTED_BELOW: u64 = 4;

/// True for a stack right below a message that ends in no exception of its own: people paste the last line first.
fn is_pasted_below(found: &Found, first: usize, lines: &[Line]) -> bool {
    let most = usize::try_from(PASTED_BELOW).unwrap_or(usize::MAX);
    let near = found.first > first && found.first - first <= most;
    let next = || {
        lines
            .get(found.last + 1)
            .map_or("", |line| line.text.trim())
    };
    let raised = |text: &str| {
        let name = text.split([':', ' ']).next().unwrap_or_default();
        ["Error", "Exception", "Interrupt", "Exit"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    near && !raised(next())
}

/// The same of pytest's own reports, the stack of which goes around the message.
pub(crate) fn attach_report(
    incident: &mut Incident,
    (first, begins): (usize, usize),
    lines: &[Line],
    user_paths: &[String],
) {
    let row = lines.get(first).map_or("", |line| line.text.as_str());
    if begins < first && !pytest::is_exception(row) {
        return;
    }
    let Some(traceback) = pytest::tested(lines, first) else {
        attach_statement(incident, (first, begins), lines);
        return;
    };
    let user = stack::user_frame_with(&traceback, user_paths);
    incident.frame = user.or(traceback.frames.last()).cloned();
    incident.phase = stack::phase(&traceback).or(incident.phase);
    incident.traceback = traceback;
    incident.note_inference();
}

/// The line of source above a message that has no stack, and what that line does.
fn attach_statement(incident: &mut Incident, (first, begins): (usize, usize), lines: &[Line]) {
    let alone = begins == first && incident.traceback.frames.is_empty();
    let python = incident.framework.family() == Family::Torch && alone;
    let Some(traceback) = source_above::statement(lines, first).filter(|_| python) else {
        return;
    };
    incident.phase = stack::phase(&traceback).or(incident.phase);
    incident.traceback = traceback;
}

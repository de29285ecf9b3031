//! The stack that ends in a message, and what it tells.

use crate::evidence::{Incident, Program};
use crate::stack::{self, Found};

/// How many lines may stand between a stack and the message that it ends in.
const STACK_REACH: usize = 6;
/// The same for Paddle, which prints its own C++ stack between the two.
const PADDLE_STACK_REACH: usize = 150;

/// Gives the failure the stack that ends in it, the phase and the user's own frame; returns where what belongs to the
/// failure begins, as the index of a line.
pub(crate) fn attach_stack(
    incident: &mut Incident,
    first: usize,
    stacks: &[Found],
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
    let Some(found) = near else { return first };
    incident.traceback = found.traceback.clone();
    incident.frame = stack::user_frame_with(&found.traceback, user_paths).cloned();
    incident.phase = stack::phase(&found.traceback);
    crate::settings::read_stack(&found.traceback, &mut incident.settings);
    found.first.min(first)
}

//! Call stacks in a log: Python's, Rich's and IPython's, and what they tell of the phase and the user's own line.

use crate::evidence::{Frame, Phase, Traceback};
use crate::text::Line;

/// A stack and the lines that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The index of its first line.
    pub first: usize,
    /// The index of its last line: the exception's own first line is the next one.
    pub last: usize,
    /// The stack.
    pub traceback: Traceback,
}

/// All stacks in the lines of one lane, in order.
pub fn read(_lines: &[Line]) -> Vec<Found> {
    Vec::new()
}

/// The innermost frame of the user's own code: not of installed packages, the standard library or generated code.
pub fn user_frame(_traceback: &Traceback) -> Option<&Frame> {
    None
}

/// What the program was doing, by the known frames of libraries and the names of the user's functions.
pub fn phase(_traceback: &Traceback) -> Option<Phase> {
    None
}

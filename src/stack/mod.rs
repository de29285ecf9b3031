//! Call stacks in a log: Python's, Rich's and IPython's, and what they tell of the phase and the user's own line.

mod frame;
mod moved;
mod owner;
mod phase;
mod pieces;
mod prompt;
pub(crate) mod pytest;
mod reader;
mod rules;
mod steps;

pub(crate) use phase::phase;

use crate::evidence::{Frame, Traceback};
use crate::text::Line;

/// A stack and the lines that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The index of its first line.
    pub first: usize,
    /// The index of its last line: the exception's own first line is the next one.
    pub last: usize,
    /// The stack.
    pub traceback: Traceback,
}

/// All stacks in the lines of one lane, in order.
///
/// A stack may lack its head, be broken by a terminal, or have lines of others between its frames.
pub(crate) fn read(lines: &[Line]) -> Vec<Found> {
    reader::Reader::default().read(&pieces::of(lines))
}

/// True where a file is the user's own code, or lies where the user says that their code is.
pub(crate) fn is_own(file: &str, own: &[String]) -> bool {
    owner::is_users_file(file) || own.iter().any(|part| file.contains(part.as_str()))
}

/// True for a source file of C++ or Cython, of which a frame says nothing to who writes Python.
pub(crate) fn is_compiled(file: &str) -> bool {
    owner::is_compiled(file)
}

/// The innermost frame of the user's own code: not of installed packages, the standard library or generated code.
#[cfg(test)]
pub(crate) fn user_frame(traceback: &Traceback) -> Option<&Frame> {
    user_frame_with(traceback, &[])
}

/// The innermost frame of the user's own code, where the user says of some parts of paths that what lies there is their own.
pub(crate) fn user_frame_with<'a>(traceback: &'a Traceback, own: &[String]) -> Option<&'a Frame> {
    let named = |f: &Frame| own.iter().any(|part| f.file.contains(part.as_str()));
    let mut inner = traceback.frames.iter().rev();
    inner.find(|f| owner::is_users(f) || named(f))
}

#[cfg(test)]
mod tests;

//! Where something was read: a source, a line of it, and the bytes of that line.

use std::fmt;

/// A place in an input: what every fact and every incident points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The input as the user named it: a path, an archive member, `<stdin>`.
    pub source: String,
    /// The line in the *raw* input, counted from 1 as editors, SARIF and GitHub count; 0 for a record that has no lines, as a memory
    /// snapshot.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.source),
            line => write!(f, "{}:{line}", self.source),
        }
    }
}

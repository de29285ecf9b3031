//! Lines of the program's own source in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::Clue;

/// A line of the program.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ClueReport {
    /// What it does, or which knob it sets.
    kind: &'static str,
    /// The file, as the stack names it.
    file: String,
    /// The line, from 1.
    line: u64,
    /// The line itself.
    code: String,
    /// What would mend it, as a unified diff; null where that takes more than one line.
    patch: Option<String>,
}

impl From<&Clue> for ClueReport {
    fn from(clue: &Clue) -> Self {
        Self {
            kind: clue.kind.name(),
            file: clue.file.clone(),
            line: clue.line,
            code: clue.code.clone(),
            patch: clue.diff(),
        }
    }
}

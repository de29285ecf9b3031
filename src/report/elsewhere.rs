//! Other inputs of the same job, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::Elsewhere;
#[cfg(test)]
use crate::evidence::Tells;

/// What another input of the same job says of a failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ElsewhereReport {
    /// The input.
    source: String,
    /// The line, from 1.
    line: u64,
    /// The rank that wrote it.
    rank: Option<u32>,
    /// again: this rank failed too; twice: another file of a rank tells the same; follows: it only follows from the failure.
    #[cfg_attr(test, schemars(extend("enum" = [Tells::Again.name(), Tells::Twice.name(), Tells::Follows.name()])))]
    tells: &'static str,
}

impl From<&Elsewhere> for ElsewhereReport {
    fn from(elsewhere: &Elsewhere) -> Self {
        Self {
            source: elsewhere.place.source.clone(),
            line: elsewhere.place.line.max(1),
            rank: elsewhere.rank,
            tells: elsewhere.tells.name(),
        }
    }
}

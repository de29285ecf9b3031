//! What a census says: the failure at which it was taken.

use crate::inside;
use crate::log::{Log, Outcome};

/// The log that a census is.
pub(super) fn log(source: &str, outcome: Outcome, census: &inside::Bytes, own: &[String]) -> Log {
    let (censuses, problem) = match census.read(source) {
        Ok(censuses) => (censuses, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let incidents = censuses.into_iter();
    Log {
        source: source.to_owned(),
        outcome: Outcome {
            problem: outcome.problem.or(problem),
            remark: Some("a census of a Python process"),
            ..outcome
        },
        incidents: incidents
            .map(|census| inside::incident(census, own))
            .collect(),
        ..Log::default()
    }
}

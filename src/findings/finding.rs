//! What a finding is, and what it looks at.

use super::{Cause, Verdict};
use crate::evidence::{Balance, Incident, Series};
use crate::fixes::Fix;

/// What a finding looks at.
pub struct Case<'a> {
    /// The failure.
    pub incident: &'a Incident,
    /// Its arithmetic.
    pub balance: &'a Balance,
    /// The telemetry of its source, its own rank's series first.
    pub series: &'a [Series],
}

/// One thing that can be the case.
pub struct Finding {
    /// Its name: kebab-case, equal to its file's name.
    pub id: &'static str,
    /// The cause that it belongs to.
    pub cause: Cause,
    /// What is the case, as half a sentence.
    pub title: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// What helps, best first among equals.
    pub fixes: &'static [&'static Fix],
    /// The decision; `None` where it is not the case or cannot be told.
    pub decide: fn(&Case<'_>) -> Option<Verdict>,
}

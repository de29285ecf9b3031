//! Addresses at which a CI system shows the job and the code.

use super::repository::in_code;
use crate::evidence::Incident;
use std::path::Path;

/// What a CI system says of its own addresses.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The job.
    pub job: Option<String>,
    /// The code of the commit, up to the path of a file.
    pub code: Option<String>,
    /// What stands before the number of a line.
    pub line: &'static str,
}

impl Links {
    /// The user's own line in the code.
    pub(super) fn of(&self, incident: &Incident, root: Option<&Path>) -> Option<String> {
        let spot = in_code(incident, root)?;
        let path = super::repository::uri(&spot.path);
        Some(format!(
            "{}{path}{}{}",
            self.code.as_ref()?,
            self.line,
            spot.line
        ))
    }
}

//! What a finding is.

use super::{Cause, Verdict};
use crate::evidence::{Case, FindingId};
use crate::fixes::{Fix, heading};

/// One thing that can be the case.
pub struct Finding {
    /// Its name: kebab-case, equal to its file's name.
    pub id: FindingId,
    /// The cause that it belongs to.
    pub cause: Cause,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// What helps, best first among equals.
    pub fixes: &'static [&'static Fix],
    /// The decision; `None` where it is not the case or cannot be told.
    pub decide: fn(&Case<'_>) -> Option<Verdict>,
}

/// Names that begin with a capital in the middle of a sentence too, and have no other by which to tell.
const NAMES: [&str; 1] = ["Windows"];

impl Finding {
    /// What is the case, as half a sentence: the heading of its page, without the capital that only begins it.
    pub fn title(&self) -> String {
        let heading = heading(self.page);
        let mut letters = heading.chars();
        let Some(first) = letters.next() else {
            return String::new();
        };
        let word = heading.split(' ').next().unwrap_or("");
        let name = NAMES.contains(&word) || word.chars().skip(1).any(char::is_uppercase);
        if name {
            heading.to_owned()
        } else {
            first.to_lowercase().chain(letters).collect()
        }
    }
}

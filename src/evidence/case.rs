//! One failure with all that it is judged by.

use super::{Balance, Incident, Now, Series};

/// What findings and fixes look at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The failure, with all that the log shows to be set.
    pub incident: &'a Incident,
    /// Its arithmetic.
    pub balance: &'a Balance,
    /// The readings of its log, its own rank's series first.
    pub series: &'a [Series],
    /// What the GPUs say of it now, if they were asked.
    pub now: Option<&'a Now>,
}

//! What sets one input against a measure: the size of the card, or a run that passed.

pub(crate) mod gate;
pub(crate) mod margin;
pub(crate) mod since;
mod snapshots;

use std::collections::BTreeSet;

pub(crate) use gate::{Gate, Kind};
pub(crate) use margin::Near;
pub(crate) use since::{Change, Told};
pub(crate) use snapshots::{Changed, Difference, snapshots};

/// What the inputs of one run were set against, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// What counts as a failure of the run.
    pub gate: Gate,
    /// The fingerprints of failures that were known before; `None` where no earlier run was given.
    pub known: Option<BTreeSet<String>>,
    /// The readings that came too close to the size of the card.
    pub near: Vec<Near>,
    /// What changed since a run that passed.
    pub since: Option<Since>,
    /// True where that run's log was not read to its end, so that nothing is said of changes.
    pub since_unread: bool,
    /// True where readings stand beside no size of the card, so that nobody can say whether the margin was kept.
    pub margin_unknown: bool,
}

impl Compared {
    /// Whether an earlier run had the failure of this fingerprint; `None` where no earlier run was given.
    pub fn knows(&self, fingerprint: &str) -> Option<bool> {
        Some(self.known.as_ref()?.contains(fingerprint))
    }
}

/// What changed since a run that passed.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// The log of that run.
    pub good: String,
    /// The changes, input by input.
    pub changes: Vec<Change>,
}

//! The units of systemd.

use crate::evidence::{Incident, Part};
use crate::messages::Match;

/// The unit, which stands before the words.
pub(in crate::messages) fn unit(hit: &Match<'_>, incident: &mut Incident) {
    let unit = hit
        .line_before()
        .rsplit(']')
        .next()
        .unwrap_or_default()
        .trim_end_matches(':');
    if [".service", ".scope", ".slice"]
        .iter()
        .any(|kind| unit.ends_with(kind))
    {
        incident
            .who
            .add(Part::Service, unit.trim_start_matches(':'));
    }
}

//! Which sightings are one failure: tables and stacks join their message, repeats and echoes fold into one incident.

use crate::evidence::Incident;
use crate::formats::{Role, Sighting};
use crate::stack::{self, Found};
use crate::text::Lane;

/// How many lines may stand between a stack and the message that it ends in.
const STACK_REACH: usize = 6;

/// Adds the figures of tables to the failure that they stand beside; a table without one stands for itself where its own
/// counts say that memory ran out.
pub(crate) fn join_evidence(sightings: Vec<Sighting>) -> Vec<Sighting> {
    let (mut failures, tables): (Vec<_>, Vec<_>) =
        sightings.into_iter().partition(|s| s.role == Role::Failure);
    for table in tables {
        let same_device = |f: &&mut Sighting| {
            f.incident.device.is_none()
                || table.incident.device.is_none()
                || f.incident.device == table.incident.device
        };
        match failures
            .iter_mut()
            .filter(same_device)
            .min_by_key(|f| f.first.abs_diff(table.first))
        {
            Some(failure) => {
                for (key, fact) in table.incident.facts.iter() {
                    failure.incident.facts.insert(key, fact.clone());
                }
                failure.incident.retries = failure.incident.retries.or(table.incident.retries);
                failure.incident.ooms = failure.incident.ooms.or(table.incident.ooms);
            }
            None if table.incident.ooms.is_some_and(|n| n > 0) => failures.push(table),
            None => {}
        }
    }
    failures.sort_by_key(|f| f.first);
    failures
}

/// Gives the failure the stack that ends in it, the phase and the user's own frame.
pub(crate) fn attach_stack(incident: &mut Incident, first: usize, stacks: &[Found], lane: &Lane) {
    let _ = lane;
    let near = stacks
        .iter()
        .rev()
        .find(|s| s.first <= first && first <= s.last + STACK_REACH);
    if let Some(found) = near {
        incident.traceback = found.traceback.clone();
        incident.frame = stack::user_frame(&found.traceback).cloned();
        incident.phase = stack::phase(&found.traceback);
        crate::settings::read_stack(&found.traceback, &mut incident.settings);
    }
}

/// Folds repeats and echoes of one failure into its first sighting.
pub(crate) fn fold(incidents: Vec<Incident>) -> Vec<Incident> {
    incidents
}

//! What stands around a message and belongs to it: tables, figures, processes.

use super::moment;
use crate::evidence::Incident;
use crate::messages::{self, Recognized, Role};
use crate::sorting;
use crate::text::Line;
/// Adds the figures of tables to the failure that they stand beside; a table without one stands for itself where its own
/// counts say that memory ran out.
pub(crate) fn join_evidence(sightings: Vec<Recognized>, lines: &[Line]) -> Vec<Recognized> {
    let mut failures = sightings;
    let tables: Vec<_> = failures
        .extract_if(.., |s| s.role != Role::Failure)
        .collect();
    for table in tables {
        let same_device = |f: &&mut Recognized| {
            let (one, other) = (f.incident.device, table.incident.device);
            one.is_none() || other.is_none() || one == other
        };
        let nearest = failures
            .iter_mut()
            .filter(same_device)
            .min_by_key(|f| f.first.abs_diff(table.first));
        match nearest {
            Some(failure) if !moment::is_same(failure, &table, lines) => {}
            Some(failure) => {
                for (key, fact) in table.incident.facts.iter() {
                    failure.incident.facts.insert(key, fact.clone());
                }
                let settings = &mut failure.incident.settings;
                settings.complete(&table.incident.settings);
                join_processes(&mut failure.incident, &table.incident);
                failure
                    .incident
                    .gpus
                    .extend(table.incident.gpus.iter().cloned());
                failure.incident.retries = failure.incident.retries.or(table.incident.retries);
                failure.incident.ooms = failure.incident.ooms.or(table.incident.ooms);
            }
            None if table.incident.ooms.is_some_and(|n| n > 0) => failures.push(table),
            None => {}
        }
    }
    for failure in failures
        .iter_mut()
        .filter(|f| f.incident.processes.iter().any(|p| p.gpu.is_some()))
    {
        messages::tell_self_apart(&mut failure.incident);
    }
    sorting::by_key(&mut failures, |f| f.first);
    failures
}

/// A process table beside the message names the holders where the message itself does not.
fn join_processes(incident: &mut Incident, table: &Incident) {
    if incident
        .processes
        .iter()
        .any(|process| process.gpu.is_none())
    {
        return;
    }
    for process in &table.processes {
        let here =
            process.gpu.is_none() || incident.device.is_none() || process.gpu == incident.device;
        if here
            && !incident
                .processes
                .iter()
                .any(|known| known.pid == process.pid)
        {
            incident.processes.push(process.clone());
        }
    }
}

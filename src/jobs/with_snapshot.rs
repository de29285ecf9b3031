//! A log and the memory snapshot of the same failure: one failure, told by the log and explained by both.
//!
//! A snapshot counts in bytes and a message prints rounded figures. Where all that both tell fits, the request, what the driver
//! had free and what PyTorch held, no other failure is meant.

use std::mem;

use crate::diagnose::{Diagnosis, Explained, explain};
use crate::evidence::{Incident, Key};

/// Gives each failure of a log what a snapshot of the same moment shows; the snapshot's own telling of it goes.
pub fn join_snapshots(diagnoses: &mut [Diagnosis]) {
    for at in 0..diagnoses.len() {
        let Some(told) = diagnoses.get_mut(at) else {
            return;
        };
        let mut kept = Vec::new();
        for explained in mem::take(&mut told.incidents) {
            if let Some(alone) = give(diagnoses, at, explained) {
                kept.push(alone);
            }
        }
        if let Some(told) = diagnoses.get_mut(at) {
            told.incidents = kept;
        }
    }
}

/// Gives a snapshot's failure to the log that tells it too; gives it back where none does.
fn give(diagnoses: &mut [Diagnosis], from: usize, explained: Explained) -> Option<Explained> {
    if explained.incident.holdings.is_none() {
        return Some(explained);
    }
    let found = diagnoses.iter().enumerate().find_map(|(at, diagnosis)| {
        let mut of_log = diagnosis.incidents.iter().enumerate();
        let (index, _) = of_log.find(|(_, e)| is_same(&e.incident, &explained.incident))?;
        Some((at, index))
    });
    let Some((at, index)) = found else {
        return Some(explained);
    };
    let log = diagnoses.get_mut(at)?;
    let one = log.incidents.get_mut(index)?;
    let mut incident = one.incident.clone();
    let place = incident.place.clone();
    for (key, fact) in explained.incident.facts.iter() {
        // What a message does not print at all; what it prints stays as it was printed.
        if matches!(
            key,
            Key::LargestFree | Key::Active | Key::Requested | Key::Reserved
        ) {
            incident.facts.insert(key, fact.clone());
        }
    }
    if incident.traceback.frames.is_empty() {
        incident.traceback = explained.incident.traceback;
        incident.frame = explained.incident.frame;
        incident.phase = incident.phase.or(explained.incident.phase);
    }
    for setting in explained.incident.settings.iter() {
        if !incident.settings.has(setting.kind) {
            incident.settings.insert(setting.clone());
        }
    }
    incident.holdings = explained.incident.holdings;
    *one = explain(incident, &log.settings, &log.series);
    if let Some(snapshot) = diagnoses.get_mut(from) {
        snapshot.joined.push(place);
    }
    None
}

/// True where a log's figures are those of a snapshot, as they print.
fn is_same(log: &Incident, snapshot: &Incident) -> bool {
    let told = [Key::Tried, Key::Free, Key::Allocated];
    let fits = |key: Key| match (log.facts.get(key), snapshot.facts.get(key)) {
        (Some(printed), Some(exact)) => printed.meet(exact).is_some(),
        _ => false,
    };
    log.holdings.is_none()
        && log.memory == snapshot.memory
        && (log.device.is_none() || log.device == snapshot.device)
        && told.into_iter().all(fits)
}

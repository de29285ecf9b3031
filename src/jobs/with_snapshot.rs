//! A log and the memory snapshot or the census of the same failure: one failure, told by the log and explained by all of them.
//!
//! A snapshot counts in bytes and a message prints rounded figures. Where all that both tell fits, the request, what the driver
//! had free and what PyTorch held, no other failure is meant.

use std::mem;

use crate::evidence::{Incident, Key, MessageId};
use crate::inside;
use crate::log::Log;

/// Gives each failure of a log what a snapshot and a census of the same moment show; their own tellings of it go.
pub fn join_snapshots(logs: &mut [Log]) {
    for at in 0..logs.len() {
        let Some(told) = logs.get_mut(at) else {
            return;
        };
        let mut kept = Vec::new();
        for incident in mem::take(&mut told.incidents) {
            if let Some(alone) = give(logs, at, incident) {
                kept.push(alone);
            }
        }
        if let Some(told) = logs.get_mut(at) {
            told.incidents = kept;
        }
    }
}

/// Gives a snapshot's failure to the log that tells it too; gives it back where none does.
fn give(logs: &mut [Log], from: usize, seen: Incident) -> Option<Incident> {
    let counted = seen.format == MessageId::PytorchCensus;
    if seen.holdings.is_none() && !counted {
        return Some(seen);
    }
    let mut all = logs.iter_mut().flat_map(|log| &mut log.incidents);
    let same = |told: &&mut Incident| {
        if counted {
            is_counted(told, &seen)
        } else {
            is_same(told, &seen)
        }
    };
    let Some(told) = all.find(same) else {
        return Some(seen);
    };
    let place = told.place.clone();
    complete(told, seen);
    if let Some(snapshot) = logs.get_mut(from) {
        snapshot.joined.push(place);
    }
    None
}

/// Gives a failure that a message tells what a snapshot shows.
fn complete(told: &mut Incident, seen: Incident) {
    for (key, fact) in seen.facts.iter() {
        // What a message does not print at all; what it prints stays as it was printed.
        if matches!(
            key,
            Key::LargestFree | Key::Active | Key::Requested | Key::Reserved
        ) {
            told.facts.insert(key, fact.clone());
        }
    }
    if told.traceback.frames.is_empty() {
        told.traceback = seen.traceback;
        told.frame = seen.frame;
        told.phase = told.phase.or(seen.phase);
    }
    told.settings.complete(&seen.settings);
    told.holdings = told.holdings.take().or(seen.holdings);
    told.census = told.census.take().or(seen.census);
}

/// True where a census is of a failure that a log or a snapshot tells.
fn is_counted(told: &Incident, seen: &Incident) -> bool {
    let census = seen.census.as_deref();
    told.format != MessageId::PytorchCensus
        && told.census.is_none()
        && census.is_some_and(|census| inside::fits(told, census))
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

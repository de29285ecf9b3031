//! A log and the memory snapshot or the census of the same failure: one failure, told by the log and explained by all of them.
//!
//! A snapshot counts in bytes and a message prints rounded figures. Where all that both tell fits, the request, what the driver
//! had free and what PyTorch held, no other failure is meant.

use std::mem;
use std::sync::Arc;

use crate::evidence::{Census, Incident, Key, MessageId, Share};
use crate::inside;
use crate::log::Log;
use crate::place::Place;

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
    pass_over_tries(logs);
}

/// Takes away what was tried and never told: where a log tells of a process's later failure, an earlier census of which no message
/// tells is of a request that a library could do without (cuDNN asks for less room next).
fn pass_over_tries(logs: &mut [Log]) {
    let told: Vec<(Arc<Census>, Place)> = logs
        .iter()
        .flat_map(|log| &log.incidents)
        .filter(|told| told.format != MessageId::PytorchCensus)
        .filter_map(|told| Some((told.census.clone()?, told.place.clone())))
        .collect();
    for log in logs {
        let joined = &mut log.joined;
        log.incidents.retain(|seen| {
            let later = told.iter().find(|(told, _)| {
                seen.census.as_deref().is_some_and(|seen| {
                    (seen.pid, seen.device) == (told.pid, told.device) && seen.number < told.number
                })
            });
            let tried = later.filter(|_| seen.format == MessageId::PytorchCensus);
            joined.extend(tried.map(|(_, place)| place.clone()));
            tried.is_none()
        });
    }
}

/// Gives a snapshot's failure to the log that tells it too; gives it back where none does.
fn give(logs: &mut [Log], from: usize, seen: Incident) -> Option<Incident> {
    let counted = seen.format == MessageId::PytorchCensus;
    if let Some(place) = of_a_table(logs, &seen) {
        if let Some(table) = logs.get_mut(from) {
            table.joined.push(place);
        }
        return None;
    }
    if seen.holdings.is_none() && !counted {
        return Some(seen);
    }
    let found = if counted {
        counted_of(logs, &seen)
    } else {
        let mut all = logs.iter_mut().flat_map(|log| &mut log.incidents);
        all.find(|told| is_same(told, &seen))
    };
    let place = if let Some(told) = found {
        let place = told.place.clone();
        complete(told, seen);
        place
    } else if let Some(place) = of_a_rank(logs, &seen) {
        place
    } else {
        return Some(seen);
    };
    if let Some(snapshot) = logs.get_mut(from) {
        snapshot.joined.push(place);
    }
    None
}

/// Where the failure stands of which this is the allocator's table, as an observer writes it into a file of its own: it tells of no
/// request, and counts what the failure counts.
fn of_a_table(logs: &[Log], seen: &Incident) -> Option<Place> {
    const TABLES: [MessageId; 2] = [MessageId::PytorchSummary, MessageId::PytorchStats];
    if !TABLES.contains(&seen.format) || seen.facts.get(Key::Tried).is_some() {
        return None;
    }
    let meet = |told: &Incident, key: Key| {
        let both = told.facts.get(key).zip(seen.facts.get(key));
        both.map(|(told, seen)| told.meet(seen).is_some())
    };
    let is_its = |told: &&Incident| {
        let held = meet(told, Key::Active).or_else(|| meet(told, Key::Allocated));
        told.facts.get(Key::Tried).is_some()
            && told.memory == seen.memory
            && (told.device.is_none() || seen.device.is_none() || told.device == seen.device)
            && held == Some(true)
            && meet(told, Key::Reserved) != Some(false)
    };
    let mut all = logs.iter().flat_map(|log| &log.incidents);
    all.find(is_its).map(|told| told.place.clone())
}

/// Where a failure of several ranks is told of which this is one: that it failed alike stands there, and what it held in the table of
/// the ranks.
fn of_a_rank(logs: &[Log], seen: &Incident) -> Option<Place> {
    let allocated = seen.facts.get(Key::Allocated)?;
    let is_its = |share: &Share| {
        let printed = share.allocated.and_then(|printed| printed.meet(allocated));
        share.device.is_some() && share.device == seen.device && printed.is_some()
    };
    let mut all = logs.iter().flat_map(|log| &log.incidents);
    let told = all.find(|told| told.memory == seen.memory && told.shares.iter().any(is_its));
    told.map(|told| told.place.clone())
}

/// The failure of which a census was taken: the first that has none yet, in the order in which they were told. What ended the program
/// is told last. Else the one that has an earlier census of as large a request: a library had tried it, and this try was raised.
fn counted_of<'a>(logs: &'a mut [Log], seen: &Incident) -> Option<&'a mut Incident> {
    let census = seen.census.as_deref()?;
    let mut found: Option<(u8, usize, usize)> = None;
    let all = logs.iter().enumerate().flat_map(|(log, told)| {
        let incidents = told.incidents.iter().enumerate();
        incidents.map(move |(at, told)| (log, at, told))
    });
    for (log, at, told) in all.filter(|(.., told)| is_counted(told, census)) {
        let rank = match &told.census {
            None if census.requested.is_some() => 2,
            None => 1,
            Some(_) => 0,
        };
        // Of equals the first, where the exact request tells them apart; else the last.
        if found.is_none_or(|(best, ..)| rank > best || rank == best && rank < 2) {
            found = Some((rank, log, at));
        }
    }
    let (_, log, at) = found?;
    let told = logs.get_mut(log)?.incidents.get_mut(at)?;
    told.census = None;
    Some(told)
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

/// True where a census may be of a failure that a log or a snapshot tells: it has none, or an earlier one of the same process. Of
/// failures that were raised one while another was handled, the last census tells what the first still holds.
fn is_counted(told: &Incident, seen: &Census) -> bool {
    let later = |earlier: &Census| earlier.pid == seen.pid && earlier.number < seen.number;
    let chained = told.traceback.chained && told.census.as_deref().is_some_and(later);
    told.format != MessageId::PytorchCensus
        && told.census.as_deref().is_none_or(later)
        && (chained || inside::fits(told, seen))
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

//! A sighting that belongs to a failure: what it adds is kept.

use super::alike::figures;
use super::{MOST_CONSEQUENCES, retry};
use crate::evidence::{Again, Flag, Incident, Key, Memory, Share};

/// Counts `later` as part of `earlier`, and keeps what it adds.
pub(super) fn absorb(earlier: &mut Incident, later: &Incident) {
    earlier.echoes.push(later.place.line);
    earlier.consequences.extend(&later.consequences);
    earlier.consequences.truncate(MOST_CONSEQUENCES);
    for setting in later.settings.iter() {
        if !earlier.settings.has(setting.kind) {
            earlier.settings.insert(setting.clone());
        }
    }
    if earlier.gpus.is_empty() {
        earlier.gpus.clone_from(&later.gpus);
    }
    if earlier.memory == Memory::Host && later.memory == Memory::Device {
        earlier.flags.insert(Flag::CommitCharge);
        // What was caught of the host fails the run on the GPU.
        earlier.caught &= later.caught;
    }
    if earlier.format != later.format {
        return;
    }
    if later.flagged(Flag::ForOptimizer) {
        earlier.flags.insert(Flag::ForOptimizer);
    }
    if earlier.framework.serves() {
        for (key, fact) in later.facts.iter() {
            earlier.facts.insert(key, fact.clone());
        }
    }
    // A logger's line comes without the stack that the exception brings.
    if earlier.traceback.frames.is_empty() {
        earlier.traceback.clone_from(&later.traceback);
        earlier.frame.clone_from(&later.frame);
        earlier.phase = earlier.phase.or(later.phase);
    }
    // Numba frees what it may and asks again: its first exception begins below the program's own line, and both are one failure.
    if earlier.frame.is_none() && later.frame.is_some() && retry(earlier, later) {
        earlier.traceback.clone_from(&later.traceback);
        earlier.frame.clone_from(&later.frame);
        earlier.phase = later.phase.or(earlier.phase);
    } else {
        earlier.repeats += 1;
    }
    earlier.caught &= later.caught;
    earlier.who.join(&later.who);
    earlier.traceback.chained |= later.traceback.chained;
    if earlier.shares.is_empty() {
        earlier.shares.extend(share(earlier));
    }
    earlier.shares.extend(share(later));
    if earlier.rank == later.rank && figures(earlier) != figures(later) {
        let allocated = later.facts.get(Key::Allocated);
        earlier.again.extend(allocated.map(|allocated| Again {
            line: later.place.line,
            allocated,
        }));
    }
}

/// What one rank's message says of its place; `None` where it names no rank.
pub(super) fn share(incident: &Incident) -> Option<Share> {
    Some(Share {
        rank: incident.rank?,
        device: incident.device,
        own: incident.facts.get(Key::ProcessInUse),
        allocated: incident.facts.get(Key::Allocated),
        line: incident.place.line,
    })
}

//! The same failure in the files of several ranks of one job.

use super::absorb::share;
use super::echo::ECHOES;
use super::{MOST_CONSEQUENCES, figures, place, rank_alike};
use crate::bytes::Bytes;
use crate::evidence::{Elsewhere, Flag, Incident, Memory, OneDevice, Tells};

/// No more places than a person would look up, and a report of a thousand ranks stays a report.
const MOST_PLACES: usize = 64;

/// True where two ranks of one job failed alike: the same print, the same line of code, or the same request.
pub(crate) fn failed_alike(a: &Incident, b: &Incident) -> bool {
    let keys = |i: &Incident| [figures(i), place(i), rank_alike(i)];
    let both = |(a, b): (Option<String>, Option<String>)| a.is_some() && a == b;
    let bare = a.facts.is_empty() && b.facts.is_empty() && a.format == b.format;
    bare || keys(a).into_iter().zip(keys(b)).any(both)
}

/// True where one rank's failure is told by two of its files: standard error and torchrun's error file.
pub(crate) fn told_twice(a: &Incident, b: &Incident) -> bool {
    let bare = a.facts.is_empty() || b.facts.is_empty();
    a.rank == b.rank && a.format == b.format && (bare || figures(a) == figures(b))
}

/// True where a library or a launcher says it that may only tell of what another rank died of.
pub(crate) fn speaks_after(incident: &Incident) -> bool {
    ECHOES.contains(&incident.format)
}

/// True where `later` is what a library or a launcher says when another rank has died of `first`.
pub(crate) fn follows(first: &Incident, later: &Incident) -> bool {
    let device = first.memory == Memory::Device && !speaks_after(first);
    device
        && speaks_after(later)
        && !later.flagged(Flag::Pinned)
        && !later.when.surely_before(&first.when)
}

/// Adds what another file of the job tells to the failure that stands for all.
pub(crate) fn add(first: &mut Incident, other: Incident, tells: Tells) {
    if first.shares.is_empty() && tells == Tells::Again {
        first.shares.extend(share(first));
    }
    if tells == Tells::Again {
        first.repeats += other.repeats;
        first.shares.extend(share(&other));
    }
    if first.traceback.frames.is_empty() && tells != Tells::Follows {
        first.traceback = other.traceback;
        first.frame = other.frame;
        first.phase = first.phase.or(other.phase);
    }
    first.elsewhere.push(Elsewhere {
        place: other.place,
        rank: other.rank,
        tells,
    });
    first.elsewhere.truncate(MOST_PLACES);
}

/// Attaches lines of a file in which nothing failed: its rank waited in vain or was ended.
pub(crate) fn attach(first: &mut Incident, followed: Elsewhere) {
    let attached = first.elsewhere.iter().filter(|e| e.tells == Tells::Follows);
    if attached.count() < MOST_CONSEQUENCES {
        first.elsewhere.push(followed);
    }
}

/// One rank's message lists the processes of its device. Where one of them is as large as another rank of the job says that
/// it is itself, the two sit on one device.
pub(crate) fn on_one_device(a: &Incident, b: &Incident) -> Option<OneDevice> {
    let (first, second) = (share(a)?, share(b)?);
    if first.rank == second.rank || first.device.is_none() || first.device != second.device {
        return None;
    }
    let lists = |listing: &Incident, size: Option<Bytes>| {
        let others = listing.processes.iter().filter(|p| !p.own);
        size.filter(|size| others.clone().any(|p| p.bytes.meet(*size).is_some()))
    };
    let held = lists(a, second.own).or_else(|| lists(b, first.own))?;
    Some(OneDevice {
        ranks: (first.rank, second.rank),
        device: first.device?,
        held,
    })
}

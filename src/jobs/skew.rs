//! The snapshots of one job's ranks beside each other.
//!
//! A name tells the rank (`rank0.pickle`). Where none does, the records themselves do: of one program, in one folder, and each of
//! another GPU, as processes with a GPU each leave them.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Frame, HeldAt, Holdings, MemoryKind, RankHeld, Side, Skew, Uneven};
use crate::log::Log;
use crate::sorting;

/// So many lines are kept.
const LINES: usize = 20;
/// Lines that differ by less than this are the same to people.
const LEAST: u64 = 1 << 20;

/// What a record says of its process: the GPU on which something failed, or the one that held the most.
pub(super) fn held(log: &Log) -> Option<&Holdings> {
    let failed = log.incidents.iter();
    let mut failed = failed.filter_map(|incident| incident.holdings.as_deref());
    let others = log.holdings.iter();
    let most = others.filter(|held| held.allocated > 0);
    failed
        .next_back()
        .or(most.max_by_key(|held| held.allocated))
}

/// The ranks beside each other, where at least two left a record.
pub(super) fn skew<'a>(
    side: Side,
    ranks: impl Iterator<Item = (u32, &'a Holdings)>,
) -> Option<Skew> {
    let ranks: BTreeMap<u32, &Holdings> = ranks.collect();
    if ranks.len() < 2 {
        return None;
    }
    let held = |(number, held): (&u32, &&Holdings)| RankHeld {
        number: *number,
        source: held.source.clone(),
        device: held.device,
        at: held.at,
        allocated: held.allocated,
        reserved: held.reserved,
    };
    let mut kinds: BTreeMap<MemoryKind, Uneven> = BTreeMap::new();
    let mut lines: BTreeMap<(MemoryKind, String, u32), Uneven> = BTreeMap::new();
    for (at, held) in ranks.values().enumerate() {
        for (kind, bytes) in &held.kinds {
            let known = kinds
                .entry(*kind)
                .or_insert_with(|| uneven(None, *kind, ranks.len()));
            add(known, at, *bytes);
        }
        for owner in &held.owners {
            let place = owner.frame.as_ref();
            let (file, line) = place.map_or((String::new(), 0), |f| (f.file.clone(), f.line));
            let known = lines.entry((owner.kind, file, line));
            let known =
                known.or_insert_with(|| uneven(owner.frame.clone(), owner.kind, ranks.len()));
            add(known, at, owner.bytes);
        }
    }
    let mut lines = sorted(lines.into_values());
    lines.retain(|line| line.spread() >= LEAST);
    lines.truncate(LINES);
    Some(Skew {
        side,
        ranks: ranks.iter().map(held).collect(),
        kinds: sorted(kinds.into_values()),
        lines,
    })
}

fn uneven(frame: Option<Frame>, kind: MemoryKind, ranks: usize) -> Uneven {
    Uneven {
        frame,
        kind,
        bytes: vec![0; ranks],
    }
}

fn add(uneven: &mut Uneven, at: usize, bytes: u64) {
    if let Some(sum) = uneven.bytes.get_mut(at) {
        *sum = sum.saturating_add(bytes);
    }
}

/// What differs most first; of what does not, the largest.
fn sorted(all: impl Iterator<Item = Uneven>) -> Vec<Uneven> {
    let mut all: Vec<Uneven> = all.collect();
    let most = |uneven: &Uneven| uneven.bytes.iter().max().copied();
    sorting::by_key(&mut all, |uneven| {
        std::cmp::Reverse((uneven.spread(), most(uneven)))
    });
    all
}

/// True where these records are of different GPUs, and of no GPU two.
pub(super) fn one_gpu_each<'a>(logs: impl Iterator<Item = &'a Log>) -> bool {
    let mut seen = BTreeSet::new();
    logs.into_iter()
        .all(|log| held(log).is_some_and(|held| seen.insert(held.device)))
}

/// Finds the records of one program of which no name tells a rank, and puts those beside each other.
pub(crate) fn join_gpus(logs: &mut [Log]) {
    let mut jobs: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let skews = logs.iter().filter_map(|log| log.skew.as_ref());
    let ranks = skews.flat_map(|skew| skew.ranks.iter().map(|rank| rank.source.clone()));
    let ranks: BTreeSet<String> = ranks.collect();
    for (at, log) in logs.iter().enumerate() {
        let known = ranks.contains(&log.source) || log.incidents.iter().any(|i| i.rank.is_some());
        let program = held(log).filter(|_| !known).and_then(program);
        if let Some(program) = program {
            let folder = log.source.rsplit_once(['/', '\\']).map_or("", |(f, _)| f);
            let job = jobs.entry((folder.to_owned(), program)).or_default();
            job.push(at);
        }
    }
    for job in jobs.into_values() {
        let ours = || job.iter().filter_map(|at| logs.get(*at));
        if job.len() < 2 || !one_gpu_each(ours()) {
            continue;
        }
        let found = skew(Side::Gpu, ours().filter_map(held).map(|h| (h.device, h)));
        if let Some(log) = job.first().and_then(|first| logs.get_mut(*first)) {
            log.skew = found;
        }
    }
}

/// The program of a record: the file of the outermost frame of what holds the most. A record without stacks tells none, and one of the
/// end of a run is of no moment that others share.
fn program(held: &Holdings) -> Option<String> {
    let stacks = held.stacks.iter().filter(|_| held.at != HeldAt::End);
    let named = stacks.filter_map(|stack| {
        let outermost = stack.frames.split(';').next()?;
        let (_, place) = outermost.split_once(" (")?;
        Some(place.rsplit_once(':')?.0.to_owned())
    });
    named.into_iter().next()
}

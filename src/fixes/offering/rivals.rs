//! Other processes that a log lists beside the failing one.

use crate::bytes::{Bytes, GIB};
use crate::evidence::{Key, Process};
use crate::fixes::Situation;

/// The ids that the log lists, without the failing process itself and those of its job.
///
/// In a container without the host's ids it is listed like any other (NVIDIA/nvidia-docker#179). Where no process is
/// known to be the own one, one that holds what this process reserved, and a context more, is likely to be it.
pub(in crate::fixes) fn of(s: &Situation<'_>) -> Vec<u32> {
    let processes = &s.incident.processes;
    let own_known =
        s.incident.facts.get(Key::ProcessInUse).is_some() || processes.iter().any(|p| p.own);
    let context = Bytes::between(0, GIB + GIB / 2);
    let likely_own = |p: &Process| {
        let mine = s.balance.reserved.map(|r| r.plus(context));
        !own_known && mine.is_some_and(|mine| mine.meet(p.bytes).is_some())
    };
    let mut others: Vec<&Process> = processes
        .iter()
        .filter(|p| !p.own && !p.same_job && !likely_own(p))
        .collect();
    others.sort_by_key(|p| std::cmp::Reverse(p.bytes.mid()));
    let mut pids: Vec<u32> = Vec::new();
    for pid in others.into_iter().filter_map(|p| p.pid) {
        // A process with two contexts is listed twice.
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    pids
}

//! The system killed the process for want of RAM.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::measures::killed;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    add_host_memory, fewer_actors, fewer_build_jobs, fewer_processes, fewer_test_workers,
    fewer_workers, load_in_place, offload_to_disk,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OomKiller,
    cause: Cause::HostMemory,
    page: include_str!("oom-killer.md"),
    fixes: &[
        &fewer_build_jobs::FIX,
        &fewer_actors::FIX,
        &load_in_place::FIX,
        &offload_to_disk::FIX,
        &fewer_test_workers::FIX,
        &fewer_workers::FIX,
        &fewer_processes::FIX,
        &add_host_memory::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let killed = incident.flagged(Flag::OomKiller) && !incident.flagged(Flag::Cgroup);
    if incident.memory != Memory::Host || !killed {
        return None;
    }
    Some(killed::verdict(case, killed::machine(case)))
}

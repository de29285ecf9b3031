//! A container or job reached its own memory limit.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::measures::killed;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    add_host_memory, fewer_actors, fewer_build_jobs, fewer_processes, fewer_test_workers,
    fewer_workers, load_in_place, offload_to_disk,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Cgroup,
    cause: Cause::HostMemory,
    page: include_str!("cgroup.md"),
    fixes: &[
        &fewer_build_jobs::FIX,
        &add_host_memory::FIX,
        &fewer_actors::FIX,
        &load_in_place::FIX,
        &offload_to_disk::FIX,
        &fewer_test_workers::FIX,
        &fewer_workers::FIX,
        &fewer_processes::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host || !(incident.flagged(Flag::Cgroup)) {
        return None;
    }
    Some(killed::verdict(case, killed::limit(case)))
}

//! A container or job reached its own memory limit.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::measures::killed;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Cgroup,
    cause: Cause::HostMemory,
    page: include_str!("cgroup.md"),
    fixes: fixes![
        fewer_build_jobs,
        add_host_memory,
        fewer_actors,
        load_in_place,
        offload_to_disk,
        fewer_test_workers,
        fewer_workers,
        fewer_processes,
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

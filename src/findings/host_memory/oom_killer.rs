//! The system killed the process for want of RAM.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::measures::killed;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OomKiller,
    cause: Cause::HostMemory,
    page: include_str!("oom-killer.md"),
    fixes: fixes![
        fewer_build_jobs,
        fewer_actors,
        load_in_place,
        offload_to_disk,
        fewer_test_workers,
        fewer_workers,
        fewer_processes,
        add_host_memory,
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

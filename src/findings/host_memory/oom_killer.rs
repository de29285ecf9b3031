//! The system killed the process for want of RAM.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{add_host_memory, fewer_workers};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OomKiller,
    cause: Cause::HostMemory,
    page: include_str!("oom-killer.md"),
    fixes: &[&fewer_workers::FIX, &add_host_memory::FIX],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host || !(incident.flagged(Flag::OomKiller)) {
        return None;
    }
    let because = "The process was killed from outside, as the kernel does when RAM runs out. GPU memory plays no part.".to_owned();
    Some(Verdict::settled_by(
        Confidence::Likely,
        because,
        "dmesg -T | grep -i -E 'out of memory|oom' on that host",
    ))
}

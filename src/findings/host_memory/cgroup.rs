//! A container or job reached its own memory limit.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{add_host_memory, fewer_workers};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Cgroup,
    cause: Cause::HostMemory,
    page: include_str!("cgroup.md"),
    fixes: &[&add_host_memory::FIX, &fewer_workers::FIX],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host || !(incident.flagged(Flag::Cgroup)) {
        return None;
    }
    let because =
        "The limit of a container or job was reached: host memory, not the device.".to_owned();
    Some(Verdict::settled_by(
        Confidence::Likely,
        because,
        "the limit of the container or job, and its peak: memory.peak, sacct MaxRSS, kubectl describe pod",
    ))
}

//! The workers' shared memory (/dev/shm) is full.

use crate::evidence::{FindingId, Flag, Key, Memory, Phase};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Shm,
    cause: Cause::HostMemory,
    page: include_str!("shm.md"),
    fixes: fixes![larger_shm, fewer_workers],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host || !(incident.flagged(Flag::Shm)) {
        return None;
    }
    let size = incident.facts.get(Key::Limit);
    let size = size.map_or(String::new(), |size| format!(" of {size}"));
    let because = if incident.phase == Some(Phase::Dataloader) {
        format!("Workers hand batches over through /dev/shm{size}.")
    } else {
        format!("Processes hand data over through /dev/shm{size}.")
    };
    Some(Verdict::settled_by(
        Confidence::Likely,
        because,
        "`df -h /dev/shm` while it runs",
    ))
}

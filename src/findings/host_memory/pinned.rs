//! Page-locked host memory ran out; the device has nothing to do with it.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{add_host_memory, fewer_workers, pin_less_memory};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Pinned,
    cause: Cause::HostMemory,
    page: include_str!("pinned.md"),
    fixes: &[
        &pin_less_memory::FIX,
        &fewer_workers::FIX,
        &add_host_memory::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host || !(incident.flagged(Flag::Pinned)) {
        return None;
    }
    let because = "The call that failed pins host memory (page-locked RAM). CUDA reports it in the same words as a full GPU.".to_owned();
    let sure = !incident.flagged(Flag::Ambiguous);
    Some(Verdict::settled_by(
        if sure {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        because,
        "`free -h` and `ulimit -l` where it runs",
    ))
}

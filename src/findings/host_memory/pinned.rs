//! Page-locked host memory ran out; the device has nothing to do with it.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Pinned,
    cause: Cause::HostMemory,
    page: include_str!("pinned.md"),
    fixes: fixes![pin_less_memory, fewer_workers, add_host_memory],
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

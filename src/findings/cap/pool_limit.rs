//! A memory pool's own allocator refused.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::PoolLimit,
    cause: Cause::Cap,
    page: include_str!("pool-limit.md"),
    fixes: fixes![raise_memory_cap],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let because = "The custom allocator behind this MemPool returned nothing: its own limit or failure, whatever the GPU has free.";
    case.incident.flagged(Flag::CustomAllocator).then(|| {
        Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            "the allocator's own warnings above this message",
        )
    })
}

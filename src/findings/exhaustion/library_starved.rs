//! A CUDA library got no memory beside what the framework holds.

use crate::evidence::{FindingId, Flag, Memory};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::LibraryStarved,
    cause: Cause::Exhaustion,
    page: include_str!("library-starved.md"),
    fixes: fixes![
        jax_no_preallocate,
        lower_engine_memory_share,
        leave_headroom,
        empty_cache_before_library,
        initialize_library_early,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.memory != Memory::Device || !case.incident.flagged(Flag::Library) {
        return None;
    }
    let sure = !case.incident.flagged(Flag::Ambiguous);
    let because = if sure {
        "A CUDA library (cuBLAS, cuDNN, NCCL) asked the driver for memory of its own and got none; the framework's allocator or another process holds the rest."
    } else {
        "A CUDA library could not start. With a full GPU it says so in these words, but a driver that does not match says the same."
    };
    let confidence = if sure {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Verdict::settled_by(
        confidence,
        because.to_owned(),
        "`nvidia-smi` while it runs: is the GPU full?",
    ))
}

//! Enough is free in the pool, in pieces.

use crate::evidence::{FindingId, Key, Program};
use crate::findings::measures::pools;
use crate::findings::measures::pools::Stop;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::PoolFragmented,
    cause: Cause::Fragmentation,
    page: include_str!("pool-fragmented.md"),
    fixes: fixes![driver_allocator, lower_batch_size, chunk_the_operation],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let relion = case.incident.framework == Program::Relion;
    let idle = case
        .balance
        .idle
        .or_else(|| case.balance.free.filter(|_| relion))?;
    let largest = case
        .incident
        .facts
        .get(Key::LargestFree)
        .map_or_else(String::new, |largest| format!(", the largest of {largest}"));
    let says = format!(
        "{idle} is free inside, in pieces{largest}. The pool was looked through before it refused, and it cannot join them or give them back."
    );
    let settle = if relion {
        "the same run with one rank on each GPU and --j 1: does it fit then?"
    } else if case.incident.framework == Program::Julia {
        "CUDA.reclaim() right before the line that fails: does it fit then?"
    } else {
        "run once with TF_GPU_ALLOCATOR=cuda_malloc_async: the driver joins what the pool cannot"
    };
    pools::verdict(case, Stop::Pieces, &says, settle)
}

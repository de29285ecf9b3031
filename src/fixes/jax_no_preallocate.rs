//! JAX takes three quarters of the GPU with its first operation, needed or not.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::JaxNoPreallocate,
    cost: "slower allocations, and fragmentation",
    page: include_str!("jax-no-preallocate.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // It helps what fails beside JAX's pool: another program, or a library of CUDA below JAX itself.
    let asked = s.finding == FindingId::PreallocatingFramework
        || (s.finding == FindingId::LibraryStarved && s.program() == Program::Jax)
        || (s.finding == FindingId::OtherLibrary
            && three_quarters(s)
            && !s.has(SettingKind::PassesAlone))
        || (s.finding == FindingId::OtherProcess && child_of_three_quarters(s));
    asked.then(|| Offer::unmeasured("XLA_PYTHON_CLIENT_PREALLOCATE=false\n# in the JAX process; or XLA_PYTHON_CLIENT_MEM_FRACTION=.50 for a fixed share"))
}

/// What is outside of the allocator is as much as JAX takes in advance.
pub(super) fn three_quarters(s: &Situation<'_>) -> bool {
    let held = s.balance.outside.zip(s.balance.total);
    held.is_some_and(|(outside, total)| share_of_jax(outside, total))
}

/// A process that the program started itself was seen with such a share: it gets the program's variables.
fn child_of_three_quarters(s: &Situation<'_>) -> bool {
    s.incident.at_failure.as_ref().is_some_and(|at| {
        let mut held = at.family().filter_map(|h| h.bytes);
        held.any(|held| share_of_jax(Bytes::exact(held), Bytes::exact(at.total)))
    })
}

/// What JAX takes unless told otherwise: 75 % of the device, and a context (jax-ml/jax, `docs/gpu_memory_allocation.rst`).
fn share_of_jax(held: Bytes, total: Bytes) -> bool {
    held.high() >= total.percent(74).low() && held.low() <= total.percent(77).high()
}

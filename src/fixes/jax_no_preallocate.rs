//! JAX takes three quarters of the GPU with its first operation, needed or not.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "jax-no-preallocate",
    title: "Stop JAX from taking most of the GPU at its start",
    cost: "slower allocations, and fragmentation",
    page: include_str!("jax-no-preallocate.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // It helps what fails beside JAX, never JAX itself.
    let asked = s.finding == "preallocating-framework"
        || (s.finding == "other-library" && three_quarters(s));
    asked.then(|| Offer::unmeasured("XLA_PYTHON_CLIENT_PREALLOCATE=false\n# in the JAX process; or XLA_PYTHON_CLIENT_MEM_FRACTION=.50 for a fixed share"))
}

/// What JAX takes unless told otherwise: 75 % of the device, and a context (jax-ml/jax, `docs/gpu_memory_allocation.rst`).
fn three_quarters(s: &Situation<'_>) -> bool {
    s.balance
        .outside
        .zip(s.balance.total)
        .is_some_and(|(outside, total)| {
            outside.high() >= total.percent(74).low() && outside.low() <= total.percent(77).high()
        })
}

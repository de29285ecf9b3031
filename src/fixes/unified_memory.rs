//! The driver moves pages between the device and the host as they are used.

use super::{Fix, Offer, Situation};

pub(crate) static FIX: Fix = Fix {
    id: "unified-memory",
    cost: "slow where much of it is used; needs host memory",
    page: include_str!("unified-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let unsettled = ["no-figures", "framework-pool-limit"].contains(&s.finding);
    let how = match s.program() {
        "jax" | "cupy" if unsettled => return None,
        // The fraction is of the device: 2.0 is twice its memory.
        "jax" => "TF_FORCE_UNIFIED_MEMORY=1 XLA_PYTHON_CLIENT_MEM_FRACTION=2.0",
        "cupy" => {
            "cupy.cuda.set_allocator(MemoryPool(malloc_managed).malloc)\n# both from cupy.cuda; before the first array"
        }
        "paddle" => "FLAGS_use_cuda_managed_memory=true",
        "rapids" => {
            "rmm.reinitialize(managed_memory=True)  # before the first table\n# cuDF can also spill: CUDF_SPILL=on; dask-cuda: --enable-cudf-spill"
        }
        "julia" => "x = cu(x; unified=true)",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

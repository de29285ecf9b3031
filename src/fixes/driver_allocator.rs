//! The driver's pool joins pieces that a framework's cannot.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::DriverAllocator,
    cost: "a little time per allocation; needs CUDA 11.2",
    page: include_str!("driver-allocator.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::Jax | Program::Tensorflow => "TF_GPU_ALLOCATOR=cuda_malloc_async",
        Program::Cupy => "cupy.cuda.set_allocator(cupy.cuda.MemoryAsyncPool().malloc)",
        _ => return None,
    };
    Some(Offer::winning(how, s.idle_gain(), s))
}

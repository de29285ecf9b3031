//! The driver moves pages between the device and the host as they are used.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, MessageId, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::UnifiedMemory,
    cost: "slow where much of it is used; needs host memory",
    page: include_str!("unified-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let unsettled = [FindingId::NoFigures, FindingId::FrameworkPoolLimit].contains(&s.finding);
    let how = match s.program() {
        Program::Jax | Program::Cupy if unsettled => return None,
        // The fraction is of the device: 2.0 is twice its memory.
        Program::Jax => "TF_FORCE_UNIFIED_MEMORY=1 XLA_PYTHON_CLIENT_MEM_FRACTION=2.0",
        Program::Cupy => {
            "cupy.cuda.set_allocator(MemoryPool(malloc_managed).malloc)\n# both from cupy.cuda; before the first array"
        }
        Program::Paddle => "FLAGS_use_cuda_managed_memory=true",
        // rapidsai/rmm, README: "Using a non-default memory resource".
        Program::Rapids if s.has(SettingKind::TestInCpp) => {
            "rmm::mr::managed_memory_resource mr;\nrmm::mr::set_current_device_resource(&mr);  // before the first allocation"
        }
        Program::Rapids => {
            "rmm.reinitialize(managed_memory=True)  # before the first table\n# cuDF can also spill: CUDF_SPILL=on; dask-cuda: --enable-cudf-spill"
        }
        // CuArrays, before CUDA.jl, had none.
        Program::Julia if s.incident.format == MessageId::CudaError => return None,
        Program::Julia => "x = cu(x; unified=true)",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

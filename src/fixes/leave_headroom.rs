//! With a limit the allocator flushes its cache early, and libraries and drivers find memory when they need it.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LeaveHeadroom,
    cost: "that part less for tensors",
    page: include_str!("leave-headroom.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.has(SettingKind::MemoryFraction) || s.surely_before(1, 8) {
        return None;
    }
    Some(Offer::unmeasured(
        "torch.cuda.set_per_process_memory_fraction(0.9)\n# at the start; a tenth of the GPU stays for NCCL, cuBLAS and cuDNN",
    ))
}

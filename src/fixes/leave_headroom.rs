//! With a limit the allocator flushes its cache early, and libraries and drivers find memory when they need it.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LeaveHeadroom,
    cost: "that part less for tensors",
    page: include_str!("leave-headroom.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // A limit on PyTorch frees nothing of what another library holds, where PyTorch itself has less than what is missing.
    let never_reached = |held: Bytes| {
        let total = s.balance.total;
        total.is_some_and(|total| held.high() < total.percent(85).low())
    };
    let innocent = s.finding == FindingId::OtherLibrary
        && s.balance
            .reserved
            .zip(s.balance.shortfall)
            .is_none_or(|(held, short)| short.likely_over(held) || never_reached(held));
    if innocent {
        return None;
    }
    if !s.torch() || s.has(SettingKind::MemoryFraction) || s.surely_before(1, 8) {
        return None;
    }
    Some(Offer::unmeasured(
        "torch.cuda.set_per_process_memory_fraction(0.9)\n# at the start; a tenth of the GPU stays for NCCL, cuBLAS and cuDNN",
    ))
}

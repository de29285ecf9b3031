//! cuBLAS, cuDNN and NCCL take their memory from the driver, past `PyTorch`'s cache, at their first use.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase};

pub(crate) static FIX: Fix = Fix {
    id: FixId::InitializeLibraryEarly,
    cost: "nothing",
    page: include_str!("initialize-library-early.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() {
        return None;
    }
    let how = if s.in_phase(&[Phase::Communication]) {
        "dist.init_process_group(\"nccl\", device_id=device); dist.barrier()\n# before the model is made"
    } else {
        "torch.ones(8, 8, device=\"cuda\") @ torch.ones(8, 8, device=\"cuda\")\n# first of all: opens the cuBLAS handle while memory is free"
    };
    Some(Offer::unmeasured(how))
}

//! ZeRO-Offload keeps optimizer states in host memory: 12 bytes or more a parameter on each node.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper};

pub(crate) static FIX: Fix = Fix {
    id: FixId::OffloadToDisk,
    cost: "slower optimizer steps",
    page: include_str!("offload-to-disk.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.kept_by(Keeper::DeepSpeed) {
        return None;
    }
    Some(Offer::unmeasured(
        "\"offload_optimizer\": {\"device\": \"nvme\", \"nvme_path\": \"/local_nvme\"}\n# or without offloading: ZeRO stage 3 over more GPUs; \"pin_memory\": false needs less",
    ))
}

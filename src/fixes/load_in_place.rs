//! Weights that are read into fp32, or into a model that is there already, take twice the host memory that they need.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LoadInPlace,
    cost: "nothing",
    page: include_str!("load-in-place.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    s.kept_by(Keeper::Weights).then(|| {
        Offer::unmeasured(
            "from_pretrained(..., torch_dtype=\"auto\", low_cpu_mem_usage=True)  # as they are stored, and once; newer: dtype=\n# each rank reads them all: fsdp_cpu_ram_efficient_loading: true, or zero3_init_flag: true with DeepSpeed, lets one read for all",
        )
    })
}

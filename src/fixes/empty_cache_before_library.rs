//! A library asks the driver, which cannot take back what `PyTorch`'s cache holds idle; an explicit call can.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::EmptyCacheBeforeLibrary,
    cost: "one slow step",
    page: include_str!("empty-cache-before-library.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.program() == Program::Cupy {
        let how = format!(
            "cupy.get_default_memory_pool().free_all_blocks(){}\ncupy.fft.config.get_plan_cache().set_size(0)  # keeps no plans",
            s.at_here()
        );
        return Some(Offer::unmeasured(how));
    }
    if s.program() == Program::Julia {
        let how = "GC.gc(true); CUDA.reclaim()  # just before the call; CUDNN.jl asks the driver beside the pool";
        return Some(Offer::unmeasured(how));
    }
    s.torch().then(|| {
        let how = format!(
            "torch.cuda.empty_cache(){}\n# it gives back wholly free segments only",
            s.at_here()
        );
        Offer::winning(how, s.idle_gain(), s)
    })
}

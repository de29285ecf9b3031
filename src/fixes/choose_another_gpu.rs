//! The job moves to a GPU where nobody else holds memory.

use super::{Fix, Offer, Situation};
use crate::evidence::SettingKind;

pub(crate) static FIX: Fix = Fix {
    id: "choose-another-gpu",
    cost: "needs a second GPU",
    page: include_str!("choose-another-gpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.has(SettingKind::UnifiedMemory) || matches!(s.device(), "mps" | "hpu" | "xpu") {
        return None;
    }
    let (name, look) = if s.has(SettingKind::Rocm) {
        ("HIP_VISIBLE_DEVICES", "rocm-smi --showmeminfo vram")
    } else {
        (
            "CUDA_VISIBLE_DEVICES",
            "nvidia-smi --query-gpu=index,memory.free --format=csv",
        )
    };
    let set = if s.has(SettingKind::Windows) {
        "set "
    } else {
        ""
    };
    Some(Offer::unmeasured(format!(
        "{set}{name}=N  # N: the freest GPU, but not this one\n# {look}"
    )))
}

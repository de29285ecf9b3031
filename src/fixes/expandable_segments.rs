//! Segments that grow page by page leave no fragments that only a larger piece could fill.

use super::{Fix, Offer, Situation};
use crate::evidence::SettingKind;

pub(crate) static FIX: Fix = Fix {
    id: "expandable-segments",
    title: "Let segments grow instead of adding new ones",
    cost: "no known cost in training; tensors shared between processes, NCCL user buffers and vLLM's sleep mode can break",
    page: include_str!("expandable-segments.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !possible(s) {
        return None;
    }
    let line = s.allocator_line("expandable_segments", "True", &["max_split_size_mb"]);
    let mut how =
        format!("{line}\n# set before the first use of CUDA; needs PyTorch 2.1 or newer, on Linux");
    if s.generic_name_ignored() {
        how.push_str(
            "\n# this name: up to 2.9 the CUDA allocator does not read PYTORCH_ALLOC_CONF",
        );
    }
    if s.has(SettingKind::Wsl) {
        how.push_str(
            "\n# under WSL it depends on the driver; nothing spills to host memory any more",
        );
    }
    Some(Offer::winning(how, s.idle_gain(), s))
}

/// True where the version and the platform can do it and it is not on already.
///
/// Native Windows and builds without the driver API ignore it (pytorch/pytorch#122057), Tegra fails with it
/// (unslothai/unsloth-zoo#1235), ROCm ignored it before 2.12 (pytorch/pytorch#173330).
pub(super) fn possible(s: &Situation<'_>) -> bool {
    s.native_allocator()
        && !s.expandable()
        && !s.surely_before(2, 1)
        && !s.has(SettingKind::Windows)
        && !s.has(SettingKind::UnifiedMemory)
        && (!s.has(SettingKind::Rocm) || s.surely_since(2, 12))
}

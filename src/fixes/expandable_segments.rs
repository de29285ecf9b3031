//! Segments that grow page by page leave no fragments that only a larger piece could fill.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ExpandableSegments,
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
        && !s.has(SettingKind::ExpandableUnsupported)
        && !s.has(SettingKind::Windows)
        && !s.has(SettingKind::UnifiedMemory)
        && (!s.has(SettingKind::Rocm) || s.surely_since(2, 12))
}

#[cfg(test)]
mod tests {
    use super::super::Enough;
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::Key;

    #[test]
    fn it_wins_at_most_what_is_idle() {
        let offer = CaseBuilder::in_pieces().ask(&FIX).unwrap();
        assert_eq!(offer.gain.unwrap().high(), 615 * GIB / 10);
        assert_eq!(offer.enough, Enough::Unknown);
        let little = CaseBuilder::new()
            .fact(Key::Tried, 200)
            .fact(Key::Free, 10)
            .fact(Key::Allocated, 700)
            .fact(Key::ReservedUnallocated, 5);
        assert_eq!(little.ask(&FIX).unwrap().enough, Enough::No);
    }

    #[test]
    fn other_options_are_kept_and_the_one_that_conflicts_goes() {
        let trial = CaseBuilder::in_pieces().set(
            SettingKind::AllocatorConfig,
            "garbage_collection_threshold:0.8,max_split_size_mb:128",
        );
        assert_eq!(
            trial.line(&FIX),
            "PYTORCH_CUDA_ALLOC_CONF=garbage_collection_threshold:0.8,expandable_segments:True"
        );
    }

    #[test]
    fn nothing_that_a_shell_would_run_is_kept() {
        let trial =
            CaseBuilder::in_pieces().set(SettingKind::AllocatorConfig, "a:$(id),b:1;c:2,d:`x`");
        assert_eq!(
            trial.line(&FIX),
            "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True"
        );
        let brackets = CaseBuilder::in_pieces().set(
            SettingKind::AllocatorConfig,
            "roundup_power2_divisions:[256:1,>:8]",
        );
        assert_eq!(
            brackets.line(&FIX),
            "PYTORCH_CUDA_ALLOC_CONF='roundup_power2_divisions:[256:1,>:8],expandable_segments:True'"
        );
    }

    #[test]
    fn it_is_not_offered_where_it_is_on_or_cannot_be() {
        for (kind, value) in [
            (SettingKind::AllocatorConfig, "expandable_segments:True"),
            (SettingKind::AllocatorConfig, "backend:cudaMallocAsync"),
            (SettingKind::MallocAsync, ""),
            (SettingKind::TorchVersion, "2.0.1"),
            (SettingKind::TorchAtMost, "2.0"),
            (SettingKind::ExpandableUnsupported, ""),
            (SettingKind::Windows, ""),
            (SettingKind::UnifiedMemory, ""),
            (SettingKind::Rocm, ""),
        ] {
            assert_eq!(
                CaseBuilder::in_pieces().set(kind, value).ask(&FIX),
                None,
                "{kind:?} {value}"
            );
        }
    }

    #[test]
    fn the_generic_name_counts_only_where_it_is_read() {
        let named = |version| {
            CaseBuilder::in_pieces()
                .options("PYTORCH_ALLOC_CONF", "expandable_segments:True")
                .set(SettingKind::TorchVersion, version)
        };
        assert_eq!(named("2.10.0").ask(&FIX), None);
        assert!(named("2.9.1").ask(&FIX).is_some());
    }

    #[test]
    fn rocm_can_do_it_from_2_12_on_under_its_own_name() {
        let trial = CaseBuilder::in_pieces()
            .set(SettingKind::Rocm, "")
            .set(SettingKind::TorchVersion, "2.12.0");
        assert_eq!(
            trial.line(&FIX),
            "PYTORCH_HIP_ALLOC_CONF=expandable_segments:True"
        );
    }
}

//! Large cached blocks are kept whole for large requests instead of being carved up by small ones.

use super::{Fix, Offer, Situation};
use crate::bytes::MIB;
use crate::evidence::{FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MaxSplitSizeMb,
    cost: "can raise what is reserved, since large blocks serve only large requests",
    page: include_str!("max-split-size-mb.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // From 1.10 on the message in brackets ends in a hint, so that one without it is older, or cut.
    if s.before_its_hint() {
        return None;
    }
    let set = s.incident.settings.allocator();
    // With expandable segments it asserts before 2.5 and grows without bound later (pytorch/pytorch#123548, #193400).
    if !s.native_allocator()
        || s.expandable()
        || set.get("max_split_size_mb").is_some()
        || s.surely_before(1, 10)
    {
        return None;
    }
    // From 2.1 on, expandable segments do the same job better: PyTorch itself changed the hint of its message.
    if s.surely_since(2, 1) && super::expandable_segments::possible(s) {
        return None;
    }
    // Set and ignored, it would only puzzle whoever reads the line.
    let ignored = s.has(SettingKind::ExpandableUnsupported);
    let drop: &[&str] = if ignored {
        &["expandable_segments"]
    } else {
        &[]
    };
    let line = s.allocator_line("max_split_size_mb", &size(s).to_string(), drop);
    let how = format!(
        "{line}\n# set before the first use of CUDA; halve it if memory is still in pieces"
    );
    Some(Offer::winning(how, s.idle_gain(), s))
}

/// Half of the request as a power of two, in MiB: blocks that could serve it stay whole. The allocator wants more than 20.
fn size(s: &Situation<'_>) -> u64 {
    let half = s.balance.tried.map_or(256, |tried| tried.low() / 2 / MIB);
    [512, 256, 128, 64]
        .into_iter()
        .find(|n| *n <= half)
        .unwrap_or(32)
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::{Key, SettingKind};

    #[test]
    fn its_value_follows_from_the_request() {
        let asked = |tenths| CaseBuilder::new().fact(Key::Tried, tenths).line(&FIX);
        assert_eq!(asked(335), "PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:512");
        assert_eq!(asked(3), "PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:128");
        assert_eq!(asked(0), "PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:32");
    }

    #[test]
    fn it_steps_back_where_expandable_segments_can_be_had() {
        let newer = CaseBuilder::in_pieces().set(SettingKind::TorchVersion, "2.4.0");
        assert_eq!(newer.ask(&FIX), None);
        let windows = newer.set(SettingKind::Windows, "");
        assert_eq!(
            windows.line(&FIX),
            "set PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:512"
        );
    }

    #[test]
    fn it_is_not_offered_where_it_is_set_or_conflicts_or_is_unknown() {
        for (kind, value) in [
            (SettingKind::AllocatorConfig, "max_split_size_mb:64"),
            (SettingKind::AllocatorConfig, "expandable_segments:True"),
            (SettingKind::TorchVersion, "1.9.0"),
        ] {
            assert_eq!(
                CaseBuilder::in_pieces().set(kind, value).ask(&FIX),
                None,
                "{kind:?} {value}"
            );
        }
    }
}

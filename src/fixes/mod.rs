//! Remedies: one file each. A fix says what to type for what was seen, what it wins here, and what it costs.

pub(crate) mod add_host_memory;
pub(crate) mod backward_each_micro_batch;
pub(crate) mod bigger_gpu;
mod by_live;
mod by_watch;
pub(crate) mod choose_another_gpu;
pub(crate) mod chunk_the_operation;
pub(crate) mod chunked_cross_entropy;
pub(crate) mod donate_buffers;
pub(crate) mod driver_allocator;
pub(crate) mod drop_references;
pub(crate) mod empty_cache_before_library;
pub(crate) mod empty_cache_between_phases;
pub(crate) mod expandable_segments;
pub(crate) mod fewer_bins;
pub(crate) mod fewer_graph_sizes;
pub(crate) mod fewer_workers;
pub(crate) mod fix_the_shape;
pub(crate) mod fused_optimizer;
pub(crate) mod gc_collect;
pub(crate) mod gradient_checkpointing;
pub(crate) mod grow_arena_as_needed;
pub(crate) mod inference_mode;
pub(crate) mod initialize_library_early;
pub(crate) mod item_or_detach;
pub(crate) mod jax_no_preallocate;
pub(crate) mod larger_shm;
pub(crate) mod leave_headroom;
pub(crate) mod load_checkpoint_on_cpu;
pub(crate) mod low_precision_weights;
pub(crate) mod lower_batch_size;
pub(crate) mod lower_engine_memory_share;
pub(crate) mod max_split_size_mb;
pub(crate) mod memory_efficient_optimizer;
pub(crate) mod mixed_precision;
pub(crate) mod move_outputs_to_cpu;
pub(crate) mod offload;
pub(crate) mod optimizer_foreach_false;
pub(crate) mod pin_less_memory;
pub(crate) mod quantile_matrix;
pub(crate) mod quantize_kv_cache;
pub(crate) mod quantize_weights;
pub(crate) mod raise_engine_memory_share;
pub(crate) mod raise_memory_cap;
mod ranking;
pub(crate) mod remove_hooks;
pub(crate) mod retry_outside_except;
pub(crate) mod run_it_again;
pub(crate) mod sdpa_attention;
pub(crate) mod set_device_by_local_rank;
pub(crate) mod shard_across_gpus;
pub(crate) mod share_graph_pool;
pub(crate) mod shorter_generation;
pub(crate) mod shorter_sequence;
mod situation;
pub(crate) mod smaller_context;
pub(crate) mod smaller_inputs;
pub(crate) mod smaller_workspace;
pub(crate) mod static_kv_cache;
pub(crate) mod stop_other_process;
#[cfg(test)]
mod trial;
pub(crate) mod unified_memory;
pub(crate) mod use_newer_pytorch;

pub use by_live::by_live;
use ranking::in_order;
pub use ranking::{Ranked, rank};
pub use situation::Situation;

use crate::bytes::Bytes;

/// All fixes, in the order of the documentation.
pub static ALL: &[&Fix] = &[
    &expandable_segments::FIX,
    &max_split_size_mb::FIX,
    &lower_batch_size::FIX,
    &gradient_checkpointing::FIX,
    &mixed_precision::FIX,
    &inference_mode::FIX,
    &item_or_detach::FIX,
    &move_outputs_to_cpu::FIX,
    &drop_references::FIX,
    &gc_collect::FIX,
    &retry_outside_except::FIX,
    &remove_hooks::FIX,
    &empty_cache_between_phases::FIX,
    &sdpa_attention::FIX,
    &chunked_cross_entropy::FIX,
    &shorter_sequence::FIX,
    &smaller_inputs::FIX,
    &low_precision_weights::FIX,
    &offload::FIX,
    &shard_across_gpus::FIX,
    &load_checkpoint_on_cpu::FIX,
    &memory_efficient_optimizer::FIX,
    &optimizer_foreach_false::FIX,
    &fused_optimizer::FIX,
    &static_kv_cache::FIX,
    &shorter_generation::FIX,
    &chunk_the_operation::FIX,
    &fix_the_shape::FIX,
    &stop_other_process::FIX,
    &choose_another_gpu::FIX,
    &raise_memory_cap::FIX,
    &share_graph_pool::FIX,
    &fewer_graph_sizes::FIX,
    &set_device_by_local_rank::FIX,
    &jax_no_preallocate::FIX,
    &lower_engine_memory_share::FIX,
    &raise_engine_memory_share::FIX,
    &smaller_context::FIX,
    &quantize_weights::FIX,
    &add_host_memory::FIX,
    &larger_shm::FIX,
    &backward_each_micro_batch::FIX,
    &bigger_gpu::FIX,
    &initialize_library_early::FIX,
    &empty_cache_before_library::FIX,
    &leave_headroom::FIX,
    &use_newer_pytorch::FIX,
    &pin_less_memory::FIX,
    &fewer_workers::FIX,
    &driver_allocator::FIX,
    &donate_buffers::FIX,
    &unified_memory::FIX,
    &run_it_again::FIX,
    &quantile_matrix::FIX,
    &fewer_bins::FIX,
    &quantize_kv_cache::FIX,
    &smaller_workspace::FIX,
    &grow_arena_as_needed::FIX,
];

/// Whether a fix wins enough for the request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enough {
    /// It does, for every value that the printed digits allow.
    Yes,
    /// The log does not tell.
    Unknown,
    /// It helps, and is too little by itself.
    No,
}

impl Enough {
    /// The word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }
}

/// A fix for one situation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The exact thing to type, for the framework and version seen. The first line stands alone.
    pub how: String,
    /// The bytes that it wins here; `None` where the log does not tell.
    pub gain: Option<Bytes>,
    /// Whether that is enough for the shortfall.
    pub enough: Enough,
}

impl Offer {
    /// Something that helps by an amount that the log does not tell.
    fn unmeasured(how: impl Into<String>) -> Self {
        Self {
            how: how.into(),
            gain: None,
            enough: Enough::Unknown,
        }
    }

    /// Something that wins these bytes; whether that is enough follows from the shortfall.
    fn winning(how: impl Into<String>, gain: Option<Bytes>, situation: &Situation<'_>) -> Self {
        // A shortfall of nothing says that the arithmetic does not explain the failure, so it cannot say what is enough.
        let shortfall = situation.balance.shortfall.filter(|s| s.high() > 0);
        Self {
            how: how.into(),
            gain,
            enough: covers(gain, shortfall),
        }
    }
}

/// One remedy.
pub struct Fix {
    /// Its name: kebab-case, equal to its file's name.
    pub id: &'static str,
    /// What it does, as an imperative.
    pub title: &'static str,
    /// What it costs: speed, accuracy, work.
    pub cost: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// The offer here; `None` where it is on already, or the version or platform cannot do it, or it cannot help.
    pub offer: fn(&Situation<'_>) -> Option<Offer>,
}

/// Whether a gain covers the shortfall: by the intervals, or not known.
pub fn covers(gain: Option<Bytes>, shortfall: Option<Bytes>) -> Enough {
    match (gain, shortfall) {
        (Some(gain), Some(short)) if gain.surely_at_least(short) => Enough::Yes,
        (Some(gain), Some(short)) if short.surely_over(gain) => Enough::No,
        _ => Enough::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::trial::Trial;
    use super::*;
    use crate::bytes::MIB;
    use crate::evidence::{Balance, Key, Phase, SettingKind};
    use proptest::prelude::*;

    /// The first line stands in a report of 80 columns, behind its number.
    const WIDEST: usize = 74;
    const FINDINGS: [&str; 8] = [
        "split-segments",
        "activations",
        "optimizer-states",
        "other-process",
        "ranks-on-one-gpu",
        "pinned",
        "memory-fraction",
        "preallocating-framework",
    ];
    const KINDS: [SettingKind; 17] = [
        SettingKind::ExpandableUnsupported,
        SettingKind::Checkpointing,
        SettingKind::MixedPrecision,
        SettingKind::NoGrad,
        SettingKind::DeepSpeed,
        SettingKind::Fsdp,
        SettingKind::HuggingFace,
        SettingKind::Lightning,
        SettingKind::Windows,
        SettingKind::Wsl,
        SettingKind::Container,
        SettingKind::UnifiedMemory,
        SettingKind::MallocAsync,
        SettingKind::Rocm,
        SettingKind::Quantized,
        SettingKind::SmallOptimizer,
        SettingKind::FlashAttention,
    ];
    const KEYS: [Key; 8] = [
        Key::Tried,
        Key::Total,
        Key::Free,
        Key::Allocated,
        Key::ReservedUnallocated,
        Key::PrivatePools,
        Key::Limit,
        Key::ProcessInUse,
    ];

    fn situations() -> impl Strategy<Value = Trial> {
        let settings = prop::collection::vec(prop::sample::select(&KINDS[..]), 0..4);
        let facts = prop::collection::vec((prop::sample::select(&KEYS[..]), 0u64..2000), 0..8);
        let processes = prop::collection::vec((1u32..99_999, 0u64..900, any::<bool>()), 0..8);
        let version = prop::option::of(prop::sample::select(vec![
            "1.9", "1.13", "2.0", "2.3", "2.9", "2.15",
        ]));
        let phase = prop::option::of(prop::sample::select(&Phase::ALL[..]));
        let file = prop_oneof![
            Just("train.py"),
            Just("/x/vllm/a.py"),
            Just("/x/sglang/b.py"),
            Just("/x/diffusers/c.py"),
            Just("$(id);.py")
        ];
        let rest = (
            version,
            phase,
            file,
            prop::sample::select(&FINDINGS[..]),
            any::<bool>(),
        );
        (settings, facts, processes, rest).prop_map(|(settings, facts, processes, rest)| {
            let (version, phase, file, finding, host) = rest;
            let mut trial = Trial::new().finding(finding).frame(file, 7, "");
            trial.incident.phase = phase;
            for kind in settings {
                trial = trial.set(kind, "");
            }
            for (key, tenths) in facts {
                trial = trial.fact(key, tenths);
            }
            for (pid, tenths, own) in processes {
                trial = trial.process(pid, tenths, own);
            }
            if let Some(version) = version {
                trial = trial.set(SettingKind::TorchVersion, version);
            }
            if host { trial.host() } else { trial }
        })
    }

    proptest! {
        #[test]
        fn every_offer_stands_on_one_line_and_holds_nothing_untyped(trial in situations()) {
            for fix in ALL {
                let Some(offer) = trial.ask(fix) else { continue };
                let first = offer.how.lines().next().unwrap_or("");
                prop_assert!(!first.is_empty() && first.chars().count() <= WIDEST, "{}: {first}", fix.id);
                prop_assert!(!offer.how.contains("$(id)"), "{}", fix.id);
                prop_assert!(offer.how.chars().all(|c| c == '\n' || !c.is_control()), "{}", fix.id);
            }
        }

        #[test]
        fn no_gain_exceeds_what_it_is_won_from(trial in situations()) {
            let balance = Balance::of(&trial.incident);
            for fix in ALL {
                let Some(gain) = trial.ask(fix).and_then(|offer| offer.gain) else { continue };
                let most = match fix.id {
                    "stop-other-process" => balance.foreign().into_iter().chain(balance.others).map(Bytes::high).max(),
                    "raise-memory-cap" => balance.free.or(balance.total).map(Bytes::high),
                    "share-graph-pool" | "fewer-graph-sizes" => balance.private_pools.map(Bytes::high),
                    _ => balance.idle.map(Bytes::high),
                };
                prop_assert!(most.is_some_and(|most| gain.high() <= most), "{}: {gain:?} of {most:?}", fix.id);
            }
        }

        #[test]
        fn the_own_process_is_in_no_offer(trial in situations()) {
            let own: Vec<u32> = trial.incident.processes.iter().filter(|p| p.own).filter_map(|p| p.pid).collect();
            let others: Vec<u32> = trial.incident.processes.iter().filter(|p| !p.own).filter_map(|p| p.pid).collect();
            if let Some(offer) = trial.ask(&stop_other_process::FIX) {
                let first = offer.how.lines().next().unwrap_or("").to_owned();
                for word in first.split([' ', ',']) {
                    let named = word.parse::<u32>().ok().filter(|n| own.contains(n) && !others.contains(n));
                    prop_assert!(named.is_none() || word.len() < 2, "{first}");
                }
            }
        }
    }

    #[test]
    fn every_page_has_its_sections_and_a_length_to_be_read() {
        const SECTIONS: [&str; 6] = [
            "What it does",
            "Type this",
            "What it wins",
            "What it costs",
            "When it does not help",
            "Sources",
        ];
        for fix in ALL {
            let mut lines = fix.page.lines();
            assert_eq!(
                lines.next(),
                Some(format!("# {}", fix.title).as_str()),
                "{}",
                fix.id
            );
            let sections: Vec<&str> = fix
                .page
                .lines()
                .filter_map(|l| l.strip_prefix("## "))
                .collect();
            assert_eq!(sections, SECTIONS, "{}", fix.id);
            assert!((15..=42).contains(&fix.page.lines().count()), "{}", fix.id);
            assert!(
                fix.page.lines().all(|l| l.chars().count() <= 120),
                "{}",
                fix.id
            );
        }
    }

    #[test]
    fn a_gain_is_enough_only_where_its_least_covers_the_most_that_is_short() {
        let gain = |low, high| Some(Bytes::between(low * MIB, high * MIB));
        assert_eq!(covers(gain(5, 9), gain(3, 5)), Enough::Yes);
        assert_eq!(covers(gain(0, 9), gain(3, 5)), Enough::Unknown);
        assert_eq!(covers(gain(0, 2), gain(3, 5)), Enough::No);
        assert_eq!(covers(None, gain(3, 5)), Enough::Unknown);
    }
}

//! What holds for every fix, whatever the situation.

use super::case_builder::CaseBuilder;
use super::*;
use crate::bytes::MIB;
use crate::evidence::{Balance, FindingId, FixId, Key, Phase, SettingKind};
use proptest::prelude::*;

/// The first line stands in a report of 80 columns, behind its number.
const WIDEST: usize = 74;
const FINDINGS: [FindingId; 8] = [
    FindingId::SplitSegments,
    FindingId::Activations,
    FindingId::OptimizerStates,
    FindingId::OtherProcess,
    FindingId::RanksOnOneGpu,
    FindingId::Pinned,
    FindingId::MemoryFraction,
    FindingId::PreallocatingFramework,
];
const KINDS: [SettingKind; 19] = [
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
    SettingKind::BeforeAmpere,
    SettingKind::Rocm,
    SettingKind::HalfWeights,
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

fn situations() -> impl Strategy<Value = CaseBuilder> {
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
        let mut trial = CaseBuilder::new().finding(finding).frame(file, 7, "");
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
                FixId::StopOtherProcess => balance.foreign().into_iter().chain(balance.others).map(Bytes::high).max(),
                FixId::RaiseMemoryCap => balance.free.or(balance.total).map(Bytes::high),
                FixId::ShareGraphPool | FixId::FewerGraphSizes => balance.private_pools.map(Bytes::high),
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
        assert!(!fix.title().is_empty(), "{}", fix.id);
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

//! The share of an engine that draws samples beside the training on the same GPU.

use super::shares::{CACHE, Share, hundredths, lower, now, typed};
use super::told::Moves;
use crate::evidence::{FindingId, FixId, MessageId, SettingKind};
use crate::fixes::{Offer, Situation};

/// The share of an engine in the process that trains, under the name that the log has for it.
pub(in crate::fixes) fn beside_training(s: &Situation<'_>) -> Option<Offer> {
    let other = s.finding == FindingId::OtherLibrary && s.trained_by(&["verl", "openrlhf"]);
    if other || s.wakes_beside_a_trainer() {
        return under_its_name(s);
    }
    let set = s.incident.settings.get(SettingKind::EngineShare);
    let typed_there = set.filter(|set| set.name.contains("vllm") && !set.written.is_empty());
    let line = |value: &str| match typed_there {
        Some(set) => set.with(value),
        None => format!("vllm_gpu_memory_utilization={value}"),
    };
    let place = if typed_there.is_some_and(|set| set.written.starts_with("--")) {
        ""
    } else {
        "  # in GRPOConfig"
    };
    let how = match of_its_pool(s).unwrap_or_else(|| lower(s)) {
        Share::Is(to, why) => format!("{}{place}\n# {why}", line(&typed(to))),
        Share::By(..) | Share::Open => {
            format!(
                "{}  # in GRPOConfig; less than now, 0.3 by default",
                line("N")
            )
        }
        Share::None => return None,
    };
    let sleeps = if s.trained_by(&["ms-swift"]) {
        "--sleep_level 1"
    } else {
        "vllm_enable_sleep_mode=True"
    };
    Some(Offer::unmeasured(format!(
        "{how}\n# {sleeps} gives all of it back while it trains"
    )))
}

/// Three quarters of the share under the name that the log has (volcengine/verl, `trainer/config/ppo_trainer.yaml`;
/// OpenRLHF/OpenRLHF, `cli/train_ppo_ray.py`).
fn under_its_name(s: &Situation<'_>) -> Option<Offer> {
    let now = s.incident.settings.get(SettingKind::EngineShare)?;
    // verl prints its settings as a nested dictionary, and takes them with their paths.
    let bare = s.trained_by(&["verl"]) && !now.written.contains('.');
    let line = |share: &str| {
        if bare {
            format!("actor_rollout_ref.rollout.gpu_memory_utilization={share}")
        } else {
            now.with(share)
        }
    };
    let share: f64 = now.value.parse().ok().filter(|share| *share > 0.1)?;
    let lower = format!("{:.2}", share * 0.75);
    let frees = if s.trained_by(&["verl"]) {
        "actor_rollout_ref.rollout.free_cache_engine=True"
    } else if s.trained_by(&["ms-swift"]) {
        "--sleep_level 1, --offload_model true, --offload_optimizer true"
    } else {
        "--vllm_enable_sleep"
    };
    let how = format!(
        "{}  # {} now\n# and {frees}: the cache is let go of while it trains",
        line(&lower),
        now.value
    );
    Some(Offer::unmeasured(how))
}

/// An engine that can sleep has a pool outside of `PyTorch`'s figures (`vllm/device_allocator/cumem.py)`: what is missing is all that
/// it must give up.
fn of_its_pool(s: &Situation<'_>) -> Option<Share> {
    let (total, outside, short) = (s.balance.total?, s.balance.outside?, s.balance.shortfall?);
    let pool = outside.surely_at_least(total.percent(20));
    let now = now(s).filter(|_| pool)?;
    let to = now.saturating_sub(hundredths(short, total) + CACHE);
    let why = format!("now 0.{now:02}; {short} of {total} is missing");
    (to >= 10).then_some(Share::Is(to, why))
}

/// What an engine that serves by itself is given.
const OF_AN_ENGINE: [FixId; 6] = [
    FixId::QuantizeWeights,
    FixId::LowPrecisionWeights,
    FixId::ShardAcrossGpus,
    FixId::Offload,
    FixId::SmallerContext,
    FixId::QuantizeKvCache,
];

/// The moves of a failure that is not of PyTorch's own.
pub(super) fn of_others(s: &Situation<'_>) -> Moves {
    let mut moves = Moves::default();
    if s.colocated() {
        // The engine's own flags are no part of a trainer's command.
        moves.out = OF_AN_ENGINE.to_vec();
    } else if s.incident.format == MessageId::SglangPool && s.has(SettingKind::SequencesThatFit) {
        // Rows of a table are no bytes.
        moves.out = vec![
            FixId::QuantizeKvCache,
            FixId::QuantizeWeights,
            FixId::Offload,
            FixId::BiggerGpu,
        ];
    }
    moves
}

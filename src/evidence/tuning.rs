//! What training needs whatever the batch: weights, gradients and the optimizer's states, by the number of weights that a log tells.

use super::{SettingKind, Settings};
use crate::bytes::{Bytes, GIB};

/// How many weights a model has, and how many of them are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// All weights.
    pub(crate) all: u64,
    /// Those that are trained.
    pub(crate) trained: u64,
    /// What all of that needs on one GPU, from the least to what is usual.
    pub(crate) needs: Bytes,
    /// The fewest and the most bytes of a trained weight.
    pub(crate) each: (u64, u64),
}

/// Below so many weights nothing is worth a word.
const SMALL: u64 = 100_000_000;

impl Tuning {
    /// `None` where the log does not tell, or what it tells is split over GPUs or waits on the host. Adapters of the usual size do not
    /// count: what they add is little.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let number = |kind| settings.get(kind).and_then(|s| s.value.parse::<u64>().ok());
        let all = number(SettingKind::Parameters).filter(|all| *all >= SMALL)?;
        let whole = settings.has(SettingKind::WholeModel).then_some(all);
        let trained = number(SettingKind::Trainable).or(whole)?.min(all);
        let split = [
            SettingKind::DeepSpeed,
            SettingKind::Fsdp,
            SettingKind::ModelParallel,
        ]
        .iter()
        .any(|kind| settings.has(*kind))
            && number(SettingKind::Gpus) != Some(1);
        if split || settings.has(SettingKind::Offload) || trained < all / 20 {
            return None;
        }
        let quantized = settings.has(SettingKind::Quantized);
        let small = settings.has(SettingKind::SmallOptimizer);
        // In bf16 alone: weight and gradient two bytes each, Adam's averages four, in 8 bits two. With weights in fp32, or copies of
        // them as under mixed precision: 16, or 10.
        let each = if small { (6, 10) } else { (8, 16) };
        let frozen = all - trained;
        let asleep = |bytes: u64| {
            if quantized {
                frozen / 2
            } else {
                frozen.saturating_mul(bytes)
            }
        };
        let low = trained.saturating_mul(each.0).saturating_add(asleep(2));
        let high = trained.saturating_mul(each.1).saturating_add(asleep(2));
        Some(Self {
            all,
            trained,
            needs: Bytes::between(low, high),
            each,
        })
    }

    /// True where most weights are trained.
    pub(crate) fn whole(self) -> bool {
        self.trained >= self.all / 2
    }
}

/// A request as large as all weights, or all gradients, in one piece: how many bytes for each of how many weights.
pub(crate) fn of_each_weight(settings: &Settings, tried: Bytes) -> Option<(u64, u64)> {
    let weights: u64 = settings.get(SettingKind::Parameters)?.value.parse().ok()?;
    [2, 4].into_iter().find_map(|bytes| {
        let all = weights.checked_mul(bytes)?;
        // "7B" stands for 6.7 to 7.6 billion; a table of words more or less is no other thing.
        let near = tried.mid() >= all / 100 * 94 && tried.mid() <= all / 100 * 109;
        (near && tried.low() >= GIB).then_some((bytes, weights))
    })
}

/// 6738415616 as "6.7 B".
pub(crate) fn weights(count: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (count + unit / 20) / (unit / 10);
        if tenths >= 1000 || tenths.is_multiple_of(10) {
            (tenths / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    };
    if count >= 1_000_000_000 {
        format!("{} billion", tenths(1_000_000_000))
    } else {
        format!("{} million", tenths(1_000_000))
    }
}

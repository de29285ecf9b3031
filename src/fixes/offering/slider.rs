//! Forge divides the GPU by a slider: so much for weights, the rest to compute with.

use crate::bytes::MIB;
use crate::evidence::SettingKind;
use crate::fixes::{Offer, Situation};

/// What Forge calls safe to compute with (`backend/memory_management.py`: one and a half times the least of 1024 MB).
const SAFE: u64 = 1536;
/// More than this is asked for once a request was refused.
const STEP: u64 = 512;

/// A lower value of the slider, where the log shows how it stands.
pub(in crate::fixes) fn gpu_weights(s: &Situation<'_>) -> Offer {
    let lower = lower(s).map(|(now, lower, left)| {
        format!("\"GPU Weights (MB)\": {lower}  # above the tabs; now {now}: this leaves {left} MB to compute with")
    });
    Offer::unmeasured(
        lower.unwrap_or_else(|| "a lower \"GPU Weights (MB)\", above the tabs".to_owned()),
    )
}

/// Where it stands, where it should, and what that leaves, in MiB.
fn lower(s: &Situation<'_>) -> Option<(u64, u64, u64)> {
    let told = s.incident.settings.get(SettingKind::WeightsSlider)?;
    let (weights, rest) = told.value.split_once('/')?;
    let (weights, rest): (u64, u64) = (weights.parse().ok()?, rest.parse().ok()?);
    let missing = s
        .balance
        .shortfall
        .map_or(0, |bytes| bytes.high().div_ceil(MIB));
    let left = if rest < SAFE {
        SAFE.max(rest + missing)
    } else {
        rest + missing.max(STEP)
    };
    let lower = (weights + rest).checked_sub(left)?;
    (lower >= 1024).then_some((weights, lower, left))
}

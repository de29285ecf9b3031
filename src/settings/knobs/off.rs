//! Switches that the log shows to be off: what helps is to turn them on, under their own names.

use super::super::assigned::Spot;
use super::super::takes::Takes;
use super::Knob;
use crate::evidence::SettingKind as K;

/// The kind of a switch that is off, and the value that turns it on, in the letters of the one that is there.
pub(super) fn read(spot: &Spot<'_>, rows: &[&'static Knob]) -> Option<(K, String)> {
    // Accelerate's file says where what waits has its place: `offload_param_device: none` (accelerate/utils/dataclasses.py,
    // `DeepSpeedPlugin`).
    let nowhere = spot
        .value()
        .is_some_and(|value| value.trim_matches(['"', '\'', ',']) == "none");
    if nowhere && rows.iter().any(|knob| knob.kind == K::Offload) && spot.name.ends_with("_device")
    {
        return Some((K::OffloadOff, "cpu".to_owned()));
    }
    let knob = rows
        .iter()
        .find(|knob| matches!(knob.takes, Takes::Switch))?;
    let off = match knob.kind {
        K::Checkpointing => K::CheckpointingOff,
        K::MixedPrecision => K::PrecisionOff,
        K::Offload => K::OffloadOff,
        K::Quantized => K::QuantizedOff,
        K::FlashAttention => K::AttentionOff,
        _ => return None,
    };
    // Megatron's and DeepSpeed's lists print what is typed without a value, or stands elsewhere.
    if spot.after.trim_start().starts_with("...") {
        return None;
    }
    let value = spot.value()?.trim_end_matches([',', ']', ')']);
    let on = match value {
        "False" => "True",
        "false" => "true",
        _ => return None,
    };
    Some((off, on.to_owned()))
}

/// True where espnet2 prints that its batches are so many samples, so that `batch_bins` is not used (`espnet2/tasks/abs_task.py`).
pub(super) fn counts_samples(text: &str) -> bool {
    const SAMPLES: [&str; 4] = ["folded", "unsorted", "sorted", "length"];
    let kind = text.split_once("batch_type").map(|(_, rest)| rest);
    let kind = kind.map(|rest| rest.trim_start_matches(['=', ':', ' ', '\'', '"']));
    kind.is_some_and(|kind| SAMPLES.iter().any(|word| kind.starts_with(word)))
}

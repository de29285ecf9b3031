//! What `--deepspeed` is given: a file or a word of a trainer.

use super::super::assigned::Spot;
use super::super::takes::is_no;
use crate::evidence::SettingKind;

/// A configuration of `DeepSpeed`, the name of which tells its stage ("--deepspeed `zero3_offload`").
pub(super) fn read(spot: &Spot<'_>, keep: &mut dyn FnMut(SettingKind, &str)) {
    let Some(value) = spot.value().map(str::to_ascii_lowercase) else {
        return;
    };
    let file = value.contains(".json") || value.contains("zero");
    if spot.is_advice() || !(spot.is_flag() || file) || is_no(&value) || value.is_empty() {
        return;
    }
    let stages = [("1", "1"), ("2", "2"), ("3", "3")];
    let told = |digit: &str| {
        ["zero", "zero_", "zero-", "_z", "stage", "stage_", "-z"]
            .iter()
            .any(|word| value.contains(&format!("{word}{digit}")))
    };
    let stage = stages
        .iter()
        .find(|(digit, _)| told(digit))
        .map_or("", |(_, stage)| stage);
    keep(SettingKind::DeepSpeed, stage);
    if value.contains("offload") {
        keep(SettingKind::Offload, "");
    }
}

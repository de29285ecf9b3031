//! What was typed for a program comes before what nothing names: its lengths, its sizes, its frames.

use crate::evidence::{FindingId, FixId, SettingKind};
use crate::fixes::Situation;
use crate::fixes::situation::Trainer;

/// The length or the size that was typed for a script that is not known, where its batch is one already.
pub(super) fn typed(s: &Situation<'_>) -> Option<FixId> {
    let trains = [FindingId::MoreThanTheDevice, FindingId::Activations].contains(&s.finding);
    // A batch that nothing tells is a guess where the frames were typed: a video is a batch of one mostly.
    match () {
        () if trains && frames_typed(s) => Some(FixId::SmallerInputs),
        () if !trains => None,
        () if s.trainer() == Trainer::HuggingFace
            && s.has(SettingKind::Checkpointing)
            && flag(s, SettingKind::SequenceLength) =>
        {
            Some(FixId::ShorterSequence)
        }
        () if s.trainer() != Trainer::Plain => None,
        () if flag(s, SettingKind::SequenceLength) => Some(FixId::ShorterSequence),
        () if flag(s, SettingKind::ImageSize) => Some(FixId::SmallerInputs),
        () => None,
    }
}

/// True for a run whose frames were typed, and whose batch was not.
pub(super) fn untold_batch(s: &Situation<'_>) -> bool {
    !s.has(SettingKind::BatchSize) && !s.has(SettingKind::BatchTokens) && frames_typed(s)
}

/// True where the frames of a sample were typed.
fn frames_typed(s: &Situation<'_>) -> bool {
    let told = s.incident.settings.get(SettingKind::SampleSize);
    told.is_some_and(|told| {
        told.written.starts_with("--") && told.name.to_ascii_lowercase().contains("frame")
    })
}

/// True where it was typed as a flag.
pub(super) fn flag(s: &Situation<'_>, kind: SettingKind) -> bool {
    let setting = s.incident.settings.get(kind);
    setting.is_some_and(|setting| setting.written.starts_with("--"))
}

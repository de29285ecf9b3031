//! What a writer's words, a printed shape or a notebook's cell call for first.

use crate::evidence::{FindingId, FixId, KnownWork, SettingKind};
use crate::fixes::Situation;

/// The fix that stands first; `spent` where a smaller batch was tried.
pub(super) fn first(s: &Situation<'_>, spent: bool) -> Option<FixId> {
    match () {
        () if s.after_an_evaluation() => Some(FixId::EmptyCacheBetweenPhases),
        () if loads_samples(s) => Some(FixId::LoadCheckpointOnCpu),
        () if s.told_in_evaluation() && spent => Some(FixId::SmallerInputs),
        () if s.gathers_weights() => Some(FixId::Offload),
        () if s.told_of_pictures() => Some(FixId::SmallerInputs),
        () if loads_whole_numbers(s) => Some(FixId::LowPrecisionWeights),
        () if s.each_rank_loads_it_all() => Some(FixId::ShardAcrossGpus),
        // All pairs of a side that is printed beside a side of one: it was broadcast.
        () if s.finding.compares_all() && of_a_shape(s) => Some(FixId::FixTheShape),
        // One crop goes through, and most of what is kept grows with the square of its length.
        () if s.trained_by(&["openfold"]) || long_ones_fail(s) => Some(FixId::ShorterSequence),
        () => None,
    }
}

/// True where a notebook shows a model that is loaded in four bytes a number, and nothing that trains it.
fn loads_whole_numbers(s: &Situation<'_>) -> bool {
    let stack = &s.incident.traceback;
    let shown = || stack.shown.iter().map(|line| line.code.as_str());
    let loads = |code: &str| {
        code.contains("from_pretrained(")
            && code.contains("odel")
            && !["dtype", "load_in", "quantization_config"]
                .iter()
                .any(|word| code.contains(word))
    };
    let general = [FindingId::MoreThanTheDevice, FindingId::Weights].contains(&s.finding);
    general
        && shown().any(loads)
        && !shown().any(|code| code.contains("backward(") || code.contains(".train("))
}

/// True where the data set itself puts samples onto the GPU.
fn loads_samples(s: &Situation<'_>) -> bool {
    s.incident.traceback.known_work() == Some(KnownWork::LoadsSamples)
}

/// True where the side of all pairs is one of a shape that the log prints.
fn of_a_shape(s: &Situation<'_>) -> bool {
    let rows = s.incident.settings.get(SettingKind::Rows);
    rows.is_some_and(|rows| rows.name == "shape")
}

/// True where long samples are what fails, by the writer's words.
fn long_ones_fail(s: &Situation<'_>) -> bool {
    let length = s.incident.settings.get(SettingKind::SequenceLength);
    length.is_some_and(|length| ["long sequences", "recording"].contains(&length.name.as_str()))
}

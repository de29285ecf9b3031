//! What a stack shows of weights that are read or made while others are there.

use super::by_stack::phase;
use super::record;
use crate::evidence::{Frame, KnownWork, MemoryKind, Owner, Phase, SettingKind};
use crate::findings::Case;

/// True where a memory snapshot shows `torch.load` putting tensors on the GPU while weights are there that another line made: it has no
/// code that would say so.
pub(super) fn restores_tensors(case: &Case<'_>) -> bool {
    let load = |frame: &Frame| {
        frame.function == "load" && frame.path().ends_with("torch/serialization.py")
    };
    let mut frames = case.incident.traceback.frames.iter();
    let own = case.incident.frame.as_ref();
    let other = |owner: &Owner| {
        owner.kind == MemoryKind::Parameters
            && owner.frame.as_ref().map(|f| (&f.file, f.line)) != own.map(|f| (&f.file, f.line))
    };
    let held = record::holdings(case);
    frames.any(load) && held.is_some_and(|held| held.owners.iter().any(other))
}

/// True where a cell of a notebook fails, and its writer says that a restart of the kernel helps.
pub(super) fn left_by_cells(case: &Case<'_>) -> bool {
    let frames = &case.incident.traceback.frames;
    let later = |frame: &Frame| frame.cell().is_some_and(|n| n > 1);
    case.incident.settings.has(SettingKind::RestartHelps)
        && (frames.is_empty() || frames.iter().any(later))
}

/// True where what answers a request loads a model: for each request again.
pub(super) fn loads_for_a_request(case: &Case<'_>) -> bool {
    phase(case, Phase::Load)
        && case.incident.traceback.known_work() == Some(KnownWork::AnswersRequest)
}

/// True where a loop puts a model on the GPU, and the one of its last turn still has its name.
pub(super) fn builds_again(case: &Case<'_>) -> bool {
    phase(case, Phase::Load) && case.incident.builds_again().is_some()
}

/// True where a trainer reads back what the optimizer kept.
pub(super) fn resumes(case: &Case<'_>) -> bool {
    case.incident.traceback.known_work() == Some(KnownWork::ResumesOptimizer)
}

//! What somebody's words beside a log tell of an evaluation or an inference.

use crate::evidence::{ANSWERERS, Family, Flag, Incident, Phase, SettingKind, Settings};
use crate::settings::ANSWERING;

/// The phase, where only somebody's words tell of an evaluation or of an inference.
pub(super) fn tell(incident: &mut Incident, known: &Settings) {
    let told = known.get(SettingKind::Evaluates);
    let torch = incident.framework.family() == Family::Torch;
    let during = told.is_some_and(|told| told.value == "during");
    // A forward pass that fails there is the evaluation's own, unless a loss is computed around it.
    let own = incident.phase == Some(Phase::Forward)
        && !incident.traceback.trains()
        && !incident.traceback.infers();
    if (incident.phase.is_none() || own) && during && torch {
        incident.phase = Some(Phase::Eval);
    }
    let program = incident.settings.get(SettingKind::Trainer);
    let program = program.or_else(|| known.get(SettingKind::Trainer));
    let answers = program.is_some_and(|program| ANSWERERS.contains(&program.value.as_str()));
    if (incident.phase.is_none() || own) && answers && torch {
        incident.phase = Some(Phase::Eval);
        incident.flags.insert(Flag::Infers);
    }
    let answering = told.is_some_and(|told| told.value == ANSWERING);
    let trains = incident.run.step.is_some();
    let bare = incident.phase.is_none() && incident.traceback.frames.is_empty() && !trains;
    if bare && answering && torch {
        incident.phase = Some(Phase::Eval);
        incident.flags.insert(Flag::Infers);
    }
}

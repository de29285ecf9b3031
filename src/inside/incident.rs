//! A census as a failure like that of a log, with exact figures.

use crate::evidence::{Census, Frame, FrameHeld, Incident, Key, MessageId, Phase, Traceback};
use crate::stack;

/// The failure at which a census was taken. `own` are parts of the paths of the user's code.
pub(crate) fn incident(census: Census, own: &[String]) -> Incident {
    let mut incident =
        Incident::counted(&census.source, MessageId::PytorchCensus, figures(&census));
    incident.device = Some(census.device);
    incident.rank = census.rank;
    incident.traceback = Traceback {
        // A traceback has the innermost frame last.
        frames: census.work.frames.iter().rev().map(frame).collect(),
        shown: Vec::new(),
        chained: false,
    };
    incident.frame = stack::user_frame_with(&incident.traceback, own).cloned();
    incident.phase = if census.work.backward {
        Some(Phase::Backward)
    } else {
        stack::phase(&incident.traceback)
    };
    incident.note_inference();
    incident.census = Some(census.into());
    incident
}

fn figures(census: &Census) -> impl Iterator<Item = (Key, u64)> {
    let idle = census.reserved.saturating_sub(census.allocated);
    let known = [
        (Key::Tried, census.requested),
        (Key::Total, census.total),
        (Key::Free, census.free),
        (Key::Allocated, Some(census.allocated)),
        (Key::ReservedUnallocated, Some(idle)),
        (Key::Reserved, Some(census.reserved)),
    ];
    known
        .into_iter()
        .filter_map(|(key, bytes)| Some((key, bytes?)))
}

fn frame(held: &FrameHeld) -> Frame {
    Frame {
        file: held.file.clone(),
        line: u32::try_from(held.line).unwrap_or(0),
        function: held.function.clone(),
        code: String::new(),
        at: 1,
    }
}

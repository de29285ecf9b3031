//! A census as a failure like that of a log, with exact figures.

use crate::bytes::{Bytes, human};
use crate::evidence::{
    Census, Fact, FactSource, Frame, FrameHeld, Incident, Key, Memory, MessageId, Phase, Program,
    Traceback,
};
use crate::place::Place;
use crate::stack;

/// The failure at which a census was taken. `own` are parts of the paths of the user's code.
pub fn incident(census: Census, own: &[String]) -> Incident {
    let place = Place {
        source: census.source.clone(),
        line: 1,
    };
    let mut incident = Incident::new(
        place,
        Memory::Device,
        Program::Pytorch,
        MessageId::PytorchCensus,
    );
    incident.device = Some(census.device);
    incident.rank = census.rank;
    for (key, bytes) in figures(&census) {
        let fact = Fact {
            bytes: Bytes::exact(bytes),
            text: human(bytes),
            line: 1,
            source: FactSource::Message,
        };
        incident.facts.insert(key, fact);
    }
    incident.traceback = Traceback {
        // A traceback has the innermost frame last.
        frames: census.work.frames.iter().rev().map(frame).collect(),
        chained: false,
    };
    incident.frame = stack::user_frame_with(&incident.traceback, own).cloned();
    incident.phase = if census.work.backward {
        Some(Phase::Backward)
    } else {
        stack::phase(&incident.traceback)
    };
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

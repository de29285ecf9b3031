//! What makes two sightings one failure: the same words, the same print, the same place, the same request of another rank.

use super::ECHO_REACH;
use crate::evidence::{FactSource, Incident, Key};

/// A print with no figure but what was asked for, again and close by: loggers and wrappers write the message and then the
/// exception, and what tries several ways writes it for each.
pub(super) fn said_again(earlier: &Incident, later: &Incident) -> bool {
    let message = |incident: &Incident| -> Vec<String> {
        let facts = incident.facts.iter();
        let own = facts.filter(|(_, fact)| fact.source == FactSource::Message);
        own.map(|(key, fact)| format!("{key:?} {}", fact.text))
            .collect()
    };
    let (first, second) = (message(earlier), message(later));
    // An engine names the size in the line behind the one that says that it was refused.
    let alike = first == second || later.framework.serves() && first.is_empty();
    let bare = alike && first.len() < 2;
    bare && earlier.format == later.format
        && earlier.rank == later.rank
        && later
            .place
            .line
            .saturating_sub(earlier.echoes.last().copied().unwrap_or(earlier.place.line))
            <= said_again_within(later)
}

/// How many lines a logger's copy and the exception itself may stand apart. Engines write one failure from each of their
/// processes, with the stack of each.
fn said_again_within(incident: &Incident) -> u64 {
    let engine = incident.framework.serves();
    if engine { ECHO_REACH } else { 40 }
}

/// One line that says it twice, as where a shell names a killed program whose own name holds the word.
pub(super) fn same_words(earlier: &Incident, later: &Incident) -> bool {
    later.facts.is_empty() && earlier.format == later.format && earlier.place == later.place
}

/// The very same print is the same failure: Ray, vLLM and loggers write one traceback several times.
pub(super) fn figures(incident: &Incident) -> Option<String> {
    // Those of the message itself: a table joins whichever of two prints it stands nearer to.
    let source = incident.facts.iter().map(|(_, fact)| fact.source).min()?;
    let own = incident
        .facts
        .iter()
        .filter(|(_, fact)| fact.source == source);
    let texts: Vec<&str> = own.map(|(_, fact)| fact.text.as_str()).collect();
    (texts.len() > 1).then(|| {
        format!(
            "{} {:?} {}",
            incident.format,
            incident.device,
            texts.join(" ")
        )
    })
}

/// The same line of the user's code is the same failure: another rank, another attempt, another request.
pub(super) fn place(incident: &Incident) -> Option<String> {
    let frame = incident.frame.as_ref()?;
    Some(format!(
        "{} {}:{} {}",
        incident.format, frame.file, frame.line, frame.function
    ))
}

/// The ranks of one job ask for the same at the same time; what is free differs from device to device.
pub(super) fn rank_alike(incident: &Incident) -> Option<String> {
    incident.rank?;
    let tried = incident.facts.fact(Key::Tried)?;
    Some(format!("{} ranks {}", incident.format, tried.text))
}

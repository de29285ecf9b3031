//! What makes two sightings one failure: the same words, the same print, the same place, the same request of another rank.

use super::ECHO_REACH;
use crate::evidence::{FactSource, Flag, Incident, Key, Memory, MessageId, Part};

/// A print with no figure but what was asked for, again and close by: loggers and wrappers write the message and then the
/// exception, and what tries several ways writes it for each.
pub(super) fn said_again(earlier: &Incident, later: &Incident) -> bool {
    if earlier.format != later.format || earlier.rank != later.rank {
        return false;
    }
    let (first, second) = (said(earlier), said(later));
    // An engine names the size in the line behind the one that says that it was refused.
    let alike = first == second || later.framework.serves() && first.is_empty();
    let bare = alike && first.len() < 2;
    bare && later
        .place
        .line
        .saturating_sub(earlier.echoes.last().copied().unwrap_or(earlier.place.line))
        <= said_again_within(later)
}

/// The figures of the message itself.
fn said(incident: &Incident) -> Vec<(Key, &str)> {
    let facts = incident.facts.iter();
    let own = facts.filter(|(_, fact)| fact.source == FactSource::Message);
    own.map(|(key, fact)| (key, fact.text.as_str())).collect()
}

/// How many lines a logger's copy and the exception itself may stand apart. Engines write one failure from each of their
/// processes, with the stack of each.
fn said_again_within(incident: &Incident) -> u64 {
    let engine = incident.framework.serves();
    if engine { ECHO_REACH } else { 40 }
}

/// The same bare words of one test: runners list what failed once more at the end.
pub(super) fn bare_of_test(incident: &Incident) -> Option<String> {
    let test = incident.who.get(Part::Test)?;
    let bare = incident.facts.is_empty() && incident.frame.is_none();
    bare.then(|| format!("{} bare of {test}", incident.format))
}

/// One line that says it twice, in the words of one library and of another.
pub(super) fn same_line(earlier: &Incident, later: &Incident) -> bool {
    let bare = |incident: &Incident| incident.facts.is_empty() && incident.memory == Memory::Device;
    earlier.place == later.place && bare(earlier) && bare(later) && earlier.rank == later.rank
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

/// One search or one handler that says the same words before each failure: "OOM with batch size #:", "skipping batch:".
pub(super) fn attempt(incident: &Incident) -> Option<String> {
    const SEARCHES: [&str; 9] = [
        "batch", "probe", "oom", "trial", "attempt", "skip", "retry", "retri", "fallback",
    ];
    let lead = incident.lead.to_ascii_lowercase();
    let searches = SEARCHES.iter().any(|word| lead.contains(word));
    searches.then(|| format!("{} {:?} lead {lead}", incident.format, incident.rank))
}

/// The heading of a report: the message as far as a title goes, and below it the whole one. The figures that both have are the
/// same, and at least what was requested, and two more; or it was cut before it named the GPU.
pub(super) fn heads(earlier: &Incident, later: &Incident) -> bool {
    let has_less = || {
        let (title, whole) = (said(earlier), said(later));
        // Cut before it named the GPU, it says what was requested alone.
        let cut = earlier.device.is_none() && title.len() == 1;
        let enough = title.len() >= 3 && earlier.device == later.device;
        (cut || enough)
            && title.len() < whole.len()
            && title.iter().all(|fact| whole.contains(fact))
    };
    earlier.format == later.format
        && earlier.rank == later.rank
        && earlier.traceback.frames.is_empty()
        && earlier.echoes.is_empty()
        && has_less()
        && super::near(earlier, later)
        || quoted_before(earlier, later)
}

/// A sentence that quotes the error, and below it the error itself; or the status of a call, and below it what was asked for.
fn quoted_before(earlier: &Incident, later: &Incident) -> bool {
    const WITHIN: u64 = 40;
    const PAIRS: [(MessageId, MessageId); 3] = [
        (MessageId::CudaMacroLine, MessageId::DeviceExhausted),
        (MessageId::PytorchCudaBare, MessageId::PytorchCuda),
        (MessageId::CudaMacroLine, MessageId::DeviceRefused),
    ];
    PAIRS.contains(&(earlier.format, later.format))
        && earlier.facts.is_empty()
        && earlier.traceback.frames.is_empty()
        && earlier.echoes.is_empty()
        && earlier.rank == later.rank
        && later.place.line.saturating_sub(earlier.place.line) <= WITHIN
}

/// A summary's cut copy of a message: it has no figures and stands behind the whole one.
pub(super) fn cut_copy(earlier: &Incident, later: &Incident) -> bool {
    later.format == MessageId::PytorchCudaBare
        && earlier.format == MessageId::PytorchCuda
        && later.facts.is_empty()
        && earlier.rank == later.rank
        && later.traceback.frames.is_empty()
        && super::near(earlier, later)
}

/// The shell's word on a program that the kernel's own log names already.
pub(super) fn killed_again(earlier: &Incident, later: &Incident) -> bool {
    const SHELLS: [MessageId; 2] = [MessageId::KilledLine, MessageId::ElasticSigkill];
    SHELLS.contains(&later.format)
        && earlier.memory == Memory::Host
        && earlier.flagged(Flag::OomKiller)
        && super::near(earlier, later)
}

/// The same line of the user's code is the same failure: another rank, another attempt, another request.
pub(super) fn place(incident: &Incident) -> Option<String> {
    let frame = incident.frame.as_ref()?;
    Some(format!(
        "{} {}:{} {}",
        incident.format, frame.file, frame.line, frame.function
    ))
}

/// The numbered pods, services or hosts of one job print the same figures, each of its own GPU: the name without its numbers, and the
/// figures. What names a rank is told apart by it.
pub(super) fn writer_alike(incident: &Incident) -> Option<String> {
    if incident.rank.is_some() {
        return None;
    }
    let writer = writer(incident)?;
    let base: String = writer
        .chars()
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .collect();
    let facts = incident.facts.iter();
    let texts: Vec<&str> = facts.map(|(_, fact)| fact.text.as_str()).collect();
    let told = base.contains('#') && texts.len() > 1;
    told.then(|| format!("{} of {base} {}", incident.format, texts.join(" ")))
}

/// Who wrote it, as the platform names it.
pub(super) fn writer(incident: &Incident) -> Option<&str> {
    let parts = [Part::Pod, Part::Service, Part::Host];
    parts.iter().find_map(|part| incident.who.get(*part))
}

/// The ranks of one job ask for the same at the same time; what is free differs from device to device.
pub(super) fn rank_alike(incident: &Incident) -> Option<String> {
    incident.rank?;
    match incident.facts.fact(Key::Tried) {
        Some(tried) => Some(format!("{} ranks {}", incident.format, tried.text)),
        // An engine's workers say the same sentence, and it has no figures.
        None if incident.framework.serves() && incident.facts.is_empty() => {
            Some(format!("{} ranks", incident.format))
        }
        None => None,
    }
}

//! An allocator's report and the exception that follows it are one failure.

use super::MOST_CONSEQUENCES;
use crate::evidence::{Incident, Key, MessageId};

/// An allocator's own report, and the exception in which the same failure ends. Between them stands a line for each piece of
/// the pool, so that their distance says nothing.
pub(super) fn tells_of(report: &Incident, later: &Incident) -> bool {
    const XLA: &[MessageId] = &[
        MessageId::XlaExhausted,
        MessageId::TensorflowExhausted,
        MessageId::TensorflowUnallocated,
    ];
    let ends = match report.format {
        MessageId::BfcAllocator | MessageId::TensorflowMallocAsync => XLA,
        MessageId::MindsporePool => &[MessageId::MindsporeDevice],
        _ => return false,
    };
    // The report rounds up to 256 bytes, and the exception to what it prints.
    let alike = report.facts.get(Key::Tried).is_none() || asked_alike(report, later);
    ends.contains(&later.format)
        && report.rank == later.rank
        && report.memory == later.memory
        && alike
}

/// Lets the report stand for the exception: its place and figures, the exception's stack and framework.
pub(super) fn end_in(report: &mut Incident, later: Incident) {
    for (key, fact) in later.facts.iter() {
        report.facts.insert(key, fact.clone());
    }
    report.settings.complete(&later.settings);
    report.echoes.push(later.place.line);
    report.consequences.extend(&later.consequences);
    report.consequences.truncate(MOST_CONSEQUENCES);
    report.format = later.format;
    report.framework = later.framework;
    report.device = report.device.or(later.device);
    if !later.traceback.frames.is_empty() {
        report.traceback = later.traceback;
        report.frame = later.frame;
        report.phase = later.phase;
    }
}

/// True where the exception names no size, or the one that the report rounds up to 256 bytes.
fn asked_alike(earlier: &Incident, later: &Incident) -> bool {
    let tried = |incident: &Incident| incident.facts.get(Key::Tried);
    tried(later).is_none_or(|asked| {
        tried(earlier).is_some_and(|rounded| {
            rounded.high() >= asked.low() && rounded.low() <= asked.high().saturating_add(256)
        })
    })
}

/// TensorFlow logs the operation that failed, and JAX the execution, which ends the allocator's report, and then raises the exception, without figures.
pub(super) fn logged_before(earlier: &Incident, later: &Incident) -> bool {
    const ENDS: [MessageId; 3] = [
        MessageId::XlaExhausted,
        MessageId::TensorflowExhausted,
        MessageId::TensorflowUnallocated,
    ];
    let told = !earlier.echoes.is_empty() || later.facts.is_empty() && earlier.facts.is_empty();
    told && ENDS.contains(&earlier.format)
        && ENDS.contains(&later.format)
        && asked_alike(earlier, later)
        && earlier.traceback.frames.is_empty()
        && earlier.rank == later.rank
        && earlier.memory == later.memory
        && super::near(earlier, later)
}

//! Whether a table tells of the moment of a failure, or of an earlier or later one.

use crate::evidence::Key;
use crate::messages::Recognized;
use crate::readings::Places;
use crate::text::Line;

/// A table farther away than this belongs to something else.
const REACH: usize = 300;

/// True where a table can be of the moment of the failure: no step of the run stands between them, and its figures leave room
/// for those of the message.
pub(super) fn is_same(failure: &Recognized, table: &Recognized, lines: &[Line]) -> bool {
    if failure.incident.framework.serves() {
        return true;
    }
    let between = if table.first >= failure.first {
        failure.last + 1..table.first
    } else {
        table.last + 1..failure.first
    };
    let passed = lines.get(between.clone()).unwrap_or_default();
    let no_step = || {
        let place = Places::default().before(passed, passed.len());
        place.step.is_none()
    };
    between.len() <= REACH && no_step() && holds(failure, table)
}

/// False where the table has less reserved than the message says to be allocated.
fn holds(failure: &Recognized, table: &Recognized) -> bool {
    let allocated = failure.incident.facts.get(Key::Allocated);
    let reserved = table.incident.facts.get(Key::Reserved);
    allocated.zip(reserved).is_none_or(|(allocated, reserved)| {
        reserved.high().saturating_add(reserved.high() / 50) >= allocated.low()
    })
}

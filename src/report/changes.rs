//! The change of the program's own line that a report shows.

use crate::diagnose::Explained;
use crate::evidence::Clue;

/// The line that is the reason, where the source shows it and one line mends it; else the line of the knob that the first fix
/// turns.
pub(super) fn change(explained: &Explained) -> Option<&Clue> {
    let causes = explained.causes.iter();
    let mut lines = causes.filter_map(|judged| {
        let lines = explained.incident.lines_of(judged.finding.id);
        lines.into_iter().next()
    });
    let reason = lines.next().filter(|clue| clue.mends_a_file());
    reason.or_else(|| {
        let first = explained.fixes.first()?;
        let knob = explained.incident.knob_of(first.fix.id)?;
        let named = first.offer.how.contains(&knob.place());
        Some(knob).filter(|clue| named && clue.mends_a_file())
    })
}

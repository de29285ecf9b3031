//! The change of the program's own line that a report shows.

use crate::diagnose::Explained;
use crate::evidence::Clue;
use crate::fixes::Ranked;

/// The line that is the reason, where the source shows it and one line mends it; else the line of the knob that the first fix
/// turns.
pub(super) fn change(explained: &Explained) -> Option<&Clue> {
    let causes = explained.causes.iter();
    let mut lines = causes.filter_map(|judged| {
        let lines = explained.incident.lines_of(judged.finding.id);
        lines.into_iter().next()
    });
    let reason = lines.next().filter(|clue| clue.mends_a_file());
    reason.or_else(|| knob(explained, explained.fixes.first()?))
}

/// The same; else the line of the first knob that a fix turns.
pub(super) fn first_change(explained: &Explained) -> Option<&Clue> {
    let mut fixes = explained.fixes.iter();
    change(explained).or_else(|| fixes.find_map(|fix| knob(explained, fix)))
}

/// The line of the knob that a fix turns, where the fix names it.
pub(super) fn knob<'a>(explained: &'a Explained, fix: &Ranked) -> Option<&'a Clue> {
    let knob = explained.incident.knob_of(fix.fix.id)?;
    let named = fix.offer.how.contains(&knob.place());
    Some(knob).filter(|clue| named && clue.mends_a_file())
}

//! The change of the program's own line that a report shows.

use crate::diagnose::Explained;
use crate::evidence::Clue;

/// The line that is the reason, where the source shows it and one line mends it.
pub(super) fn change(explained: &Explained) -> Option<&Clue> {
    let causes = explained.causes.iter();
    let mut lines = causes.filter_map(|judged| {
        let lines = explained.incident.lines_of(judged.finding.id);
        lines.into_iter().next()
    });
    lines.next().filter(|clue| clue.patch.is_some())
}

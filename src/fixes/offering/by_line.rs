//! What a fix writes into the program's own line, where its source was looked at.

use crate::evidence::FixId;
use crate::fixes::{Offer, Situation};

/// The same offer with the line as it should be, where the source shows the line that is the reason.
pub(in crate::fixes) fn named(fix: FixId, s: &Situation<'_>, offer: Offer) -> Offer {
    let lines = s.incident.lines_of(s.finding);
    let line = lines.first().filter(|clue| clue.kind.mended_by(fix));
    let Some((clue, patch)) = line.and_then(|clue| Some((clue, clue.patch.as_ref()?))) else {
        return offer;
    };
    let Some(new) = patch.new.first() else {
        return offer;
    };
    Offer {
        how: format!(
            "{}\n# {}, now: {}",
            new.trim(),
            clue.place(),
            patch.old.trim()
        ),
        ..offer
    }
}

//! What the inputs were set against: failures known before, room that was left, and what changed since a run that passed.

use super::Paper;
use crate::compare::{Change, Compared, Told};
use crate::diagnose::Explained;
use crate::report::wrap::{plain, styled};
use crate::report::{Options, fingerprint, margin, view};

impl Paper<'_> {
    /// Says of a failure that an earlier run had it too, or why it does not count.
    pub(super) fn known(&mut self, explained: &Explained, options: &Options) {
        let known = options.compared.knows(&fingerprint(explained)) == Some(true);
        let known = known.then_some(view::KNOWN);
        let words = [known, view::uncounted(explained, options)];
        for words in words.into_iter().flatten() {
            self.sheet
                .flow(0, 2, &[styled(words, self.look.styles.aside)]);
        }
    }

    /// The room that was left, and what changed.
    pub(super) fn compared(&mut self, compared: &Compared) {
        for near in &compared.near {
            self.sheet.blank();
            let head = styled(margin::HEAD, self.look.styles.verdict);
            let words = format!(" {}", margin::words(near));
            self.sheet.flow(0, 2, &[head, plain(words)]);
        }
        let Some(since) = &compared.since else {
            return;
        };
        self.sheet.blank();
        self.heading(&format!("Since {}", since.good));
        if since.changes.is_empty() {
            let words = "Nothing that both logs show has changed.";
            self.sheet.flow(2, 2, &[plain(words)]);
        }
        let several = since
            .changes
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.source != b.source));
        for change in &since.changes {
            self.sheet.flow(2, 4, &[plain(changed(change, several))]);
        }
    }
}

/// "batch size: 8 (line 2), now 16 (line 3)"
fn changed(change: &Change, several: bool) -> String {
    let told = |told: Option<&Told>| {
        told.map_or_else(
            || "not told".to_owned(),
            |told| format!("{} (line {})", told.value, told.line),
        )
    };
    let source = if several {
        format!("{}: ", change.source)
    } else {
        String::new()
    };
    format!(
        "{source}{}: {}, now {}",
        change.what,
        told(change.before.as_ref()),
        told(change.after.as_ref())
    )
}

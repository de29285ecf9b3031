//! Who held a GPU by a memory snapshot: the owners with bars, what for, and the course as a picture.

use owo_colors::Style;

use super::Paper;
use crate::bytes::human;
use crate::diagnose::Explained;
use crate::evidence::{Holdings, Owner};
use crate::report::bar::bar;
use crate::report::chart::{Frame, chart};
use crate::report::holdings::{
    COURSE, heading, idle, kinds, line, named, next, note, parts, remarks,
};
use crate::report::rounds;
use crate::report::wrap::{columns, plain, styled};

/// The longest name of a line; a longer one loses its beginning.
const NAME: usize = 26;
/// What a note takes mostly, so that the bars of most tables are alike.
const NOTE: usize = 30;
/// A picture of fewer moments shows nothing.
const MOMENTS: usize = 8;

impl Paper<'_> {
    /// A snapshot of a GPU on which nothing failed.
    pub(super) fn snapshot(&mut self, held: &Holdings) {
        self.sheet.blank();
        let aside = self.look.styles.aside;
        let head = styled("Memory snapshot", self.look.styles.headline);
        self.sheet.ends(&[head], &held.source, aside);
        let sum = format!(
            "PyTorch's allocator held {} on GPU {}, of which {} was in use.",
            human(held.reserved),
            held.device,
            human(held.allocated)
        );
        self.sheet.flow(0, 0, &[plain(sum)]);
        self.holdings(held);
    }

    /// Who held the GPU when this failed, where a snapshot tells.
    pub(super) fn holdings_at_failure(&mut self, explained: &Explained) {
        if let Some(held) = &explained.incident.holdings {
            self.holdings(held);
        }
    }

    /// The owners, largest first, and all else that a snapshot tells.
    fn holdings(&mut self, held: &Holdings) {
        let aside = self.look.styles.aside;
        self.sheet.blank();
        self.heading(&heading(held));
        let (owners, rest, others) = named(held);
        let widest = owners.iter().map(|owner| columns(&line(owner))).max();
        let names = widest.unwrap_or(0).min(NAME);
        let notes = owners.iter().map(|owner| columns(&note(owner))).max();
        for owner in owners {
            self.owner(owner, held.allocated, (names, notes.unwrap_or(0)));
        }
        if others > 0 && rest > 0 {
            let hold = if others == 1 {
                "line holds"
            } else {
                "lines hold"
            };
            let words = format!("{others} more {hold} {}.", human(rest));
            self.sheet.flow(2, 2, &[styled(words, aside)]);
        }
        if held.kinds.len() > 1 {
            self.sheet
                .flow(2, 4, &[plain(format!("By kind: {}.", kinds(held)))]);
        }
        let more = if self.verbose {
            parts(held)
        } else {
            Vec::new()
        };
        for words in more {
            self.sheet.flow(2, 4, &[plain(words)]);
        }
        if self.verbose {
            self.piles(held);
        }
        for words in [idle(held), next(held)].into_iter().flatten() {
            self.sheet.flow(2, 4, &[plain(words)]);
        }
        self.over_time(held);
        let words = remarks(held).join(" ");
        if !words.is_empty() {
            self.sheet.flow(2, 2, &[styled(words, aside)]);
        }
    }

    /// What piles up, on the tree of calls.
    fn piles(&mut self, held: &Holdings) {
        /// Deeper calls stand below each other, so that a line has room.
        const DEEPEST: usize = 12;
        let lines = rounds::lines(&rounds::piles(held));
        if lines.is_empty() {
            return;
        }
        self.sheet.flow(2, 4, &[plain(rounds::HEADING)]);
        for (depth, words) in lines {
            let indent = 4 + 2 * depth.min(DEEPEST);
            self.sheet.flow(indent, indent + 2, &[plain(words)]);
        }
    }

    /// An owner, its bar and what there is to say of it: the bar gives way to the words.
    fn owner(&mut self, owner: &Owner, whole: u64, (names, notes): (usize, usize)) {
        let styles = &self.look.styles;
        let words = names + notes.max(NOTE);
        let cells = self.look.width.saturating_sub(words + 16).clamp(4, 24);
        let (full, empty) = bar(owner.bytes, whole, cells, self.look.unicode);
        let name = line(owner);
        let cut = if columns(&name) > names {
            let end = name.char_indices().rev().take(names.saturating_sub(3));
            let from = end.last().map_or(0, |(at, _)| at);
            format!("...{}", name.get(from..).unwrap_or_default())
        } else {
            name
        };
        let style = match owner.accumulates {
            Some(_) => styles.problem,
            None => Style::new(),
        };
        let pad = " ".repeat(names.saturating_sub(columns(&cut)));
        let mut spans = vec![
            plain(format!("{cut}{pad}  ")),
            styled(full, style),
            styled(empty, styles.aside),
            plain(format!(" {:>9}", human(owner.bytes))),
        ];
        let note = note(owner);
        let room = self.look.width.saturating_sub(names + cells + 16);
        // How much it grows says more than what it is for.
        let short = note.split_once(", ").filter(|_| columns(&note) > room);
        let note = short.map_or(note.as_str(), |(_, rest)| rest);
        let shown = if columns(note) > room {
            let kept: String = note.chars().take(room.saturating_sub(3)).collect();
            format!("{kept}...")
        } else {
            note.to_owned()
        };
        spans.push(styled(format!("  {shown}"), style));
        self.sheet.fixed(2, &spans);
    }

    /// What was in use over time.
    fn over_time(&mut self, held: &Holdings) {
        if held.course.len() < MOMENTS {
            return;
        }
        let frame = Frame {
            width: self.look.width.saturating_sub(4),
            capacity: None,
            ascii: !self.look.unicode,
            joined: true,
        };
        let aside = self.look.styles.aside;
        let lines = chart(&held.course, frame);
        if lines.is_empty() {
            return;
        }
        self.sheet.blank();
        // A course that stays high leaves the rows below it empty.
        let drawn = lines.iter().rposition(|drawn| !drawn.trim().is_empty());
        for drawn in lines.iter().take(drawn.map_or(0, |last| last + 1)) {
            if drawn.is_empty() {
                self.sheet.blank();
            } else {
                self.sheet.fixed(2, &[styled(drawn.as_str(), aside)]);
            }
        }
        self.sheet.flow(2, 2, &[styled(COURSE, aside)]);
    }
}

//! Where the memory of a device went, as bars.

use owo_colors::Style;

use super::Paper;
use crate::bytes::human;
use crate::diagnose::Explained;
use crate::report::bar::bar;
use crate::report::memories;
use crate::report::wrap::{columns, plain, styled};

/// What the mark of the problem takes beside a bar.
const NOTE: usize = 14;

impl Paper<'_> {
    /// Where the memory of the device went, as bars of one scale.
    pub(super) fn memories(&mut self, explained: &Explained) {
        let Some(memories) = memories::of(explained) else {
            return;
        };
        let incident = &explained.incident;
        let device = match (incident.shares.first(), incident.device) {
            (Some(first), _) if incident.shares.len() > 1 => format!("rank {}'s GPU", first.rank),
            (_, Some(device)) => format!("GPU {device}"),
            (_, None) => "the GPU".to_owned(),
        };
        self.sheet.blank();
        let caption = format!("Where the {} of {device} went", human(memories.total));
        self.sheet
            .flow(2, 2, &[styled(caption, self.look.styles.aside)]);
        let widest = |text: fn(&memories::Part) -> &str| {
            memories.parts.iter().map(|p| columns(text(p))).max()
        };
        let names = widest(|part| part.name).unwrap_or(0);
        let notes = widest(|part| part.note).unwrap_or(0).max(NOTE);
        // Margin, gaps and a size of ten columns take 19; the bars take what is left.
        let cells = self.look.width.saturating_sub(names + notes + 19);
        for part in &memories.parts {
            self.part(part, memories.total, names, cells.clamp(12, 30));
        }
    }

    fn part(&mut self, part: &memories::Part, total: u64, names: usize, cells: usize) {
        let styles = &self.look.styles;
        let (full, empty) = bar(part.bytes, total, cells, self.look.unicode);
        let style = if part.problem {
            styles.problem
        } else {
            Style::new()
        };
        let mut spans = vec![
            plain(format!("{:names$}  ", part.name)),
            styled(full, style),
            styled(empty, styles.aside),
            plain(format!(" {:>10}", human(part.bytes))),
        ];
        let arrow = if self.look.unicode { "←" } else { "<-" };
        let problem = format!("{arrow} the problem");
        let room = self.look.width.saturating_sub(names + cells + 17);
        let note = match (part.note, part.problem) {
            ("", true) => vec![styled(format!("  {problem}"), styles.problem)],
            (note, true) if columns(note) + columns(&problem) + 4 <= room => vec![
                plain(format!("  {note}  ")),
                styled(problem, styles.problem),
            ],
            (_, true) => vec![styled(format!("  {problem}"), styles.problem)],
            (note, false) if !note.is_empty() && columns(note) + 2 <= room => {
                vec![styled(format!("  {note}"), styles.aside)]
            }
            _ => Vec::new(),
        };
        spans.extend(note);
        self.sheet.fixed(4, &spans);
    }
}

//! What the GPUs say now of one failure.

use owo_colors::Style;

use super::Paper;
use crate::evidence::{AtFailure, Now};
use crate::report::now::{HELD, below, lines, row};
use crate::report::sanitize::visible;
use crate::report::wrap::{columns, cut, plain, styled};

impl Paper<'_> {
    /// Who held the device when memory ran out, and whose process each is.
    pub(super) fn at_failure(&mut self, at: &AtFailure) {
        if at.holders.is_empty() {
            return;
        }
        let styles = &self.look.styles;
        self.sheet.blank();
        let head = format!("Who held GPU {} when memory ran out", at.gpu);
        self.sheet.flow(0, 2, &[styled(head, styles.heading)]);
        let rows: Vec<[String; 3]> = at.holders.iter().take(HELD).map(row).collect();
        let width = |at: usize| {
            rows.iter()
                .filter_map(|r| r.get(at))
                .map(|c| columns(c))
                .max()
        };
        let [ids, sizes, whose] = [0, 1, 2].map(|at| width(at).unwrap_or(0));
        for (holder, [pid, held, kin]) in at.holders.iter().zip(&rows) {
            let start = format!("{pid:>ids$}  {held:>sizes$}  {kin:<whose$}  ");
            let room = self.look.width.saturating_sub(columns(&start) + 2);
            let command = holder.command.as_deref().unwrap_or("command not visible");
            let command = cut(&visible(command), room, self.look.unicode);
            let style = if holder.own {
                styles.aside
            } else {
                Style::new()
            };
            self.sheet
                .fixed(2, &[styled(start, style), styled(command, styles.aside)]);
        }
        for line in below(at) {
            self.sheet.flow(2, 4, &[plain(line)]);
        }
    }

    /// Whether it would fit now, who is in the way, and where else is room.
    /// `device` is what the program calls the GPU.
    pub(super) fn now(&mut self, now: &Now, device: Option<u32>) {
        self.sheet.blank();
        let styles = &self.look.styles;
        self.sheet
            .flow(0, 0, &[styled("Now, on this machine", styles.heading)]);
        for line in lines(now, device) {
            self.sheet.flow(2, 4, &[plain(line)]);
        }
    }
}

//! The ranks of a job beside each other, by their memory snapshots.

use super::Paper;
use crate::evidence::Skew;
use crate::report::skew::{heading, lines, table};
use crate::report::wrap::{columns, plain, styled};

impl Paper<'_> {
    /// A row a rank, and the lines that hold more in one than in another.
    pub(super) fn skew(&mut self, skew: &Skew) {
        let aside = self.look.styles.aside;
        self.sheet.blank();
        self.heading(&heading(skew));
        let table = table(skew);
        let width = |column: usize| {
            let cells = table.rows.iter().chain([&table.head]);
            let cells = cells.filter_map(|row| row.get(column));
            cells.map(|cell| columns(cell)).max().unwrap_or(0)
        };
        let last = table.head.len().saturating_sub(1);
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let pad = " ".repeat(width(column).saturating_sub(columns(cell)));
                // Sizes stand at the right, and what ends a line needs no room.
                match column {
                    _ if column == last => cell.clone(),
                    _ => format!("{pad}{cell}"),
                }
            });
            cells.collect::<Vec<_>>().join("  ")
        };
        self.sheet.fixed(2, &[styled(line(&table.head), aside)]);
        for row in &table.rows {
            self.sheet.fixed(2, &[plain(line(row))]);
        }
        if let Some(words) = &table.more {
            self.sheet.flow(2, 2, &[styled(words, aside)]);
        }
        let lines = lines(skew);
        if !lines.is_empty() {
            self.sheet.flow(2, 2, &[plain("Lines that differ most:")]);
        }
        for (name, words) in &lines {
            self.sheet.flow(4, 6, &[plain(format!("{name}: {words}"))]);
        }
    }
}

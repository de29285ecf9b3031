//! One failure: the answer, the sum, what to do, where it was read.

use owo_colors::Style;

use super::Paper;
use crate::bytes::human;
use crate::causes::{Cause, Judged};
use crate::diagnose::Explained;
use crate::fixes::{Enough, Ranked};
use crate::report::bar::bar;
use crate::report::view::{self, Part};
use crate::report::wrap::{columns, plain, styled};

/// How many lines of a log are named for one failure.
const NAMED_LINES: usize = 6;

impl Paper<'_> {
    /// One failure, from the answer to the places that it was read at.
    pub(super) fn failure(&mut self, explained: &Explained) {
        let styles = &self.look.styles;
        self.sheet.blank();
        self.sheet.ends(
            &[styled(view::headline(explained), styles.headline)],
            &explained.incident.place.to_string(),
            styles.aside,
        );
        let best = explained.causes.first();
        match best {
            Some(best) => self.verdict(best),
            None => self
                .sheet
                .flow(0, 0, &[plain("Why, the message alone does not tell.")]),
        }
        self.memories(explained);
        let open = best.is_none_or(|best| best.finding.cause == Cause::Unknown);
        if let Some(settle) = best.and_then(|best| best.verdict.settle.as_deref()) {
            self.settle(settle, open);
        }
        self.remedies(&explained.fixes, open);
        for other in explained.causes.iter().skip(1).take(2) {
            self.runner_up(other);
        }
        self.sources(explained);
    }

    fn verdict(&mut self, judged: &Judged) {
        let head = format!("{}:", view::verdict(judged));
        self.sheet.flow(
            0,
            0,
            &[
                styled(head, self.look.styles.verdict),
                plain(format!(" {}", judged.verdict.because)),
            ],
        );
    }

    /// Where the memory of the device went, as bars of one scale.
    fn memories(&mut self, explained: &Explained) {
        let Some(memories) = view::memories(explained) else {
            return;
        };
        let device = explained
            .incident
            .device
            .map_or_else(|| "the GPU".to_owned(), |device| format!("GPU {device}"));
        self.sheet.blank();
        let caption = format!("Where the {} of {device} went", human(memories.total));
        self.sheet
            .flow(2, 2, &[styled(caption, self.look.styles.aside)]);
        let names = memories.parts.iter().map(|part| columns(part.name));
        let name_width = names.max().unwrap_or(0);
        for part in &memories.parts {
            self.part(part, memories.total, name_width);
        }
    }

    fn part(&mut self, part: &Part, total: u64, name_width: usize) {
        let styles = &self.look.styles;
        // Name, bar, a size of up to ten columns, and a note of at least 26: bars shrink first.
        let cells = self.look.width.saturating_sub(name_width + 44).clamp(8, 30);
        let (full, empty) = bar(part.bytes, total, cells, self.look.unicode);
        let style = if part.problem {
            styles.problem
        } else {
            styles.part
        };
        let mut spans = vec![
            plain(format!("{:name_width$}  ", part.name)),
            styled(full, style),
            styled(empty, styles.aside),
            plain(format!(" {:>10}", human(part.bytes))),
        ];
        let arrow = if self.look.unicode { "←" } else { "<-" };
        let problem = format!("{arrow} the problem");
        let room = self
            .look
            .width
            .saturating_sub(4 + name_width + 2 + cells + 11);
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

    /// What would settle an open case, or make a likely one sure.
    fn settle(&mut self, settle: &str, open: bool) {
        self.sheet.blank();
        let head = if open {
            "What would settle it"
        } else {
            "To be sure"
        };
        self.heading(head);
        self.typed(2, 2, settle);
    }

    /// Something to type: the first line stands out, the others explain it.
    fn typed(&mut self, indent: usize, hang: usize, text: &str) {
        let styles = &self.look.styles;
        for (index, line) in text.lines().enumerate() {
            let style = if index == 0 {
                styles.command
            } else {
                styles.aside
            };
            self.sheet.flow(
                if index == 0 { indent } else { hang },
                hang,
                &[styled(line, style)],
            );
        }
    }

    /// What helps, best first, with what it wins and costs.
    fn remedies(&mut self, fixes: &[Ranked], open: bool) {
        let shown = fixes.len().min(self.fixes);
        if shown == 0 {
            return;
        }
        self.sheet.blank();
        self.heading(if open { "Worth trying" } else { "Do this" });
        for (number, ranked) in (1..).zip(fixes.iter().take(shown)) {
            self.remedy(number, ranked);
        }
        if fixes.len() > shown {
            let more = format!("{} more with --fixes {}", fixes.len() - shown, fixes.len());
            self.sheet
                .flow(5, 5, &[styled(more, self.look.styles.aside)]);
        }
    }

    fn remedy(&mut self, number: usize, ranked: &Ranked) {
        let styles = &self.look.styles;
        let mut lines = ranked.offer.how.lines();
        let first = lines.next().unwrap_or(ranked.fix.title);
        self.sheet.flow(
            2,
            5,
            &[plain(format!("{number}. ")), styled(first, styles.command)],
        );
        for line in lines {
            self.sheet.flow(5, 7, &[styled(line, styles.aside)]);
        }
        let style = if ranked.offer.enough == Enough::Yes {
            styles.enough
        } else {
            Style::new()
        };
        self.sheet
            .flow(5, 5, &[styled(view::bargain(ranked), style)]);
    }

    /// What else it may be, and what would decide.
    fn runner_up(&mut self, judged: &Judged) {
        self.sheet.blank();
        let head = format!(
            "If that does not help: {} ({}).",
            view::verdict(judged).to_lowercase(),
            judged.finding.title
        );
        let mut spans = vec![
            styled(head, self.look.styles.heading),
            plain(format!(" {}", judged.verdict.because)),
        ];
        if let Some(settle) = &judged.verdict.settle {
            spans.push(plain(format!(" To tell: {settle}")));
        }
        self.sheet.flow(0, 2, &spans);
    }

    /// How often it was seen, where each number stands in the input, and where to read on.
    fn sources(&mut self, explained: &Explained) {
        let aside = self.look.styles.aside;
        self.sheet.blank();
        if let Some(seen) = seen(explained) {
            self.sheet.flow(0, 2, &[styled(seen, aside)]);
        }
        for line in read_at(explained) {
            self.sheet.flow(0, 2, &[styled(line, aside)]);
        }
        if let Some(best) = explained.causes.first() {
            let more = format!("More: whyoom explain {}", best.finding.id);
            self.sheet.flow(0, 2, &[styled(more, aside)]);
        }
    }
}

/// "Seen 8 times, also at lines 520, 631." `None` where there was one failure and nothing to add.
fn seen(explained: &Explained) -> Option<String> {
    let incident = &explained.incident;
    let mut words = Vec::new();
    if incident.repeats > 1 {
        let lines: Vec<String> = incident
            .echoes
            .iter()
            .take(NAMED_LINES)
            .map(u64::to_string)
            .collect();
        let cut = if incident.echoes.len() > NAMED_LINES {
            ", ..."
        } else {
            ""
        };
        let times = format!("Seen {} times", incident.repeats);
        words.push(if lines.is_empty() {
            times
        } else {
            format!("{times}, also at lines {}{cut}", lines.join(", "))
        });
    }
    if let Some(step) = incident.run.step {
        let name = if incident.run.step_name.is_empty() {
            "step"
        } else {
            &incident.run.step_name
        };
        words.push(format!("Last {name} before it: {step}"));
    }
    (!words.is_empty()).then(|| words.join(". ") + ".")
}

/// "Read at train.log:412: tried 33.55 GiB, free 16.25 GiB", one entry a line of the input.
fn read_at(explained: &Explained) -> Vec<String> {
    let incident = &explained.incident;
    let mut lines: Vec<(u64, Vec<String>)> = Vec::new();
    for (key, fact) in incident.facts.iter() {
        let words = format!("{} {}", key.name().replace('_', " "), fact.text);
        match lines.iter_mut().find(|(line, _)| *line == fact.line) {
            Some((_, facts)) => facts.push(words),
            None => lines.push((fact.line, vec![words])),
        }
    }
    if lines.is_empty() {
        return vec![format!(
            "The message at {} holds no figures.",
            incident.place
        )];
    }
    let source = &incident.place.source;
    lines.sort_by_key(|(line, _)| *line);
    lines
        .into_iter()
        .take(NAMED_LINES)
        .map(|(line, facts)| format!("Read at {source}:{line}: {}.", facts.join(", ")))
        .collect()
}

//! One failure: the answer, the sum, what to do, where it was read.

use owo_colors::Style;

use super::Paper;
use crate::bytes::Bytes;
use crate::diagnose::Explained;
use crate::evidence::{Program, Series};
use crate::findings::{Cause, Judged};
use crate::fixes::{Enough, Ranked};
use crate::report::wrap::{Sheet, plain, styled};
use crate::report::{read_at, view};
use crate::sorting;

/// How many lines of a log are named for one failure.
const NAMED_LINES: usize = 6;

/// So many lines fit on a screen of 80 columns together with a prompt.
const SCREEN: usize = 24;

/// The rank of what is said of the readings; their picture is the next.
const READINGS: usize = 6;

/// A part of the report that is left out where the screen is full.
type Part = (usize, String);

impl Paper<'_> {
    /// One failure: the answer, what to do, then the sums, and as much of the rest as a screen holds.
    pub(super) fn failure(
        &mut self,
        explained: &Explained,
        readings: &[Series],
        capacity: Option<u64>,
    ) {
        self.sheet.blank();
        let begun = self.sheet.lines();
        self.answer(explained);
        let best = explained.causes.first();
        let open = best.is_none_or(|best| best.finding.cause == Cause::Unknown);
        let settle = best.and_then(|best| best.verdict.settle.as_deref());
        if let (Some(settle), true) = (settle, open) {
            self.settle("What would settle it", settle);
        }
        let missing = explained.balance.shortfall.filter(|short| short.low() > 0);
        self.remedies(&explained.fixes, open, missing);
        if let Some(at) = &explained.incident.at_failure {
            self.at_failure(at);
        }
        if let Some(now) = &explained.now {
            self.now(now, explained.incident.device);
        }
        let more = self.more(explained, false);
        let used = self.sheet.lines() - begun + lines(&more);
        let mut parts = self.parts(explained, settle.filter(|_| !open));
        for series in readings {
            parts.push((READINGS, self.aside(|paper| paper.rise(series))));
            parts.push((
                READINGS + 1,
                self.aside(|paper| paper.picture(series, capacity)),
            ));
        }
        let room = if self.verbose {
            usize::MAX
        } else {
            SCREEN.saturating_sub(used)
        };
        let (kept, left_out) = chosen(parts, room);
        self.sheet.paste(&kept.concat());
        self.holdings_at_failure(explained);
        let more = self.more(explained, left_out.contains(&(READINGS + 1)));
        self.sheet.paste(&more);
    }

    /// What may be left out, in the order of the page, each with its rank: the lowest is kept first.
    fn parts(&mut self, explained: &Explained, settle: Option<&str>) -> Vec<Part> {
        let rerun = self.aside(|paper| {
            let Some(words) = explained.rerun.words() else {
                return;
            };
            // Below what is said of the GPUs it would seem to be theirs.
            if explained.now.is_some() {
                paper.sheet.blank();
                paper.sheet.flow(0, 2, &[plain(words)]);
            } else {
                paper.sheet.flow(2, 2, &[plain(words)]);
            }
        });
        let recorded = explained.incident.holdings.is_some();
        let mut parts = vec![
            (3, rerun),
            (0, self.aside(|paper| paper.notes(&explained.notes))),
            (2, self.aside(|paper| paper.memories(explained))),
            (
                1,
                self.aside(|paper| paper.runners_up(&explained.causes, recorded)),
            ),
        ];
        if let Some(settle) = settle {
            parts.push((4, self.aside(|paper| paper.settle("To be sure", settle))));
        }
        parts.push((5, self.aside(|paper| paper.sources(explained))));
        parts
    }

    /// What is written on a sheet of its own.
    fn aside(&mut self, write: impl FnOnce(&mut Paper<'_>)) -> String {
        let mut paper = Paper {
            sheet: Sheet::continued(self.look),
            ..*self
        };
        write(&mut paper);
        paper.sheet.finish()
    }

    /// What happened, where, and why.
    fn answer(&mut self, explained: &Explained) {
        let styles = &self.look.styles;
        self.sheet.ends(
            &[styled(
                view::headline(explained, self.look.width),
                styles.headline,
            )],
            &explained.incident.place.to_string(),
            styles.aside,
        );
        if let Some(best) = explained.causes.first() {
            // Of a pool's and of Numba's arrays no stack says what they are for, and an engine's own count needs none.
            let incident = &explained.incident;
            let framework = incident.framework;
            let untold = framework.pooled() || framework.serves() || framework == Program::Numba;
            let stack = !incident.traceback.frames.is_empty() && !untold;
            self.verdict(best, stack);
        }
    }

    fn verdict(&mut self, judged: &Judged, stack: bool) {
        let head = format!("{}:", view::verdict(judged));
        let (title, because) = (judged.finding.title(), &judged.verdict.because);
        // The figures prove the cause; what the memory was for, only the stack suggests.
        let suggested = judged.finding.cause == Cause::Exhaustion && stack;
        let words = if suggested {
            format!(" {because} Judging by the stack, {title}.")
        } else {
            format!(" {title}. {because}")
        };
        let head = styled(head, self.look.styles.verdict);
        self.sheet.flow(0, 0, &[head, plain(words)]);
    }

    /// What would settle an open case, or make a likely one sure.
    fn settle(&mut self, head: &str, settle: &str) {
        self.sheet.blank();
        let styles = &self.look.styles;
        let head = styled(format!("{head}: "), styles.heading);
        self.sheet
            .flow(0, 2, &[head, plain(view::sentence(settle))]);
    }

    /// What helps, best first, with what it wins and costs.
    fn remedies(&mut self, fixes: &[Ranked], open: bool, missing: Option<Bytes>) {
        let shown = fixes.len().min(self.fixes);
        if shown == 0 {
            return;
        }
        self.sheet.blank();
        let heading = if open { "Worth trying" } else { "Do this" };
        match missing {
            Some(missing) => self.heading(&format!("{heading} ({missing} is missing)")),
            None => self.heading(heading),
        }
        for (number, ranked) in (1..).zip(fixes.iter().take(shown)) {
            self.remedy(number, ranked);
        }
    }

    /// What to do and what it wins and costs, then what to type. Remarks are for who wants all of it.
    fn remedy(&mut self, number: usize, ranked: &Ranked) {
        let styles = &self.look.styles;
        let mut spans = vec![plain(format!("{number}. {}", ranked.title()))];
        if let Some(worth) = view::worth(&ranked.offer) {
            let style = if ranked.offer.enough == Enough::Yes {
                styles.enough
            } else {
                Style::new()
            };
            spans.push(styled(format!(": {worth}"), style));
        }
        if self.verbose {
            spans.push(plain(format!("; cost: {}", ranked.cost())));
        }
        self.sheet.flow(2, 5, &spans);
        for line in ranked.offer.how.lines() {
            if !self.verbose && view::is_remark(line) {
                continue;
            }
            // Remarks are dim; more to type keeps its indentation, which Python needs.
            let text = line.trim_start();
            let style = if view::is_remark(text) {
                styles.aside
            } else {
                styles.command
            };
            let indent = 5 + (line.len() - text.len()).min(16);
            self.sheet.flow(indent, indent + 2, &[styled(text, style)]);
        }
    }

    /// What else to know.
    fn notes(&mut self, notes: &[String]) {
        if notes.is_empty() {
            return;
        }
        self.sheet.blank();
        self.heading("Good to know");
        let dash = if self.look.unicode { "•" } else { "-" };
        for note in notes {
            self.sheet.flow(2, 4, &[plain(format!("{dash} {note}"))]);
        }
    }

    /// What else it may be, and what would decide: the first in words, the others by name.
    fn runners_up(&mut self, causes: &[Judged], recorded: bool) {
        let Some(best) = causes.first() else { return };
        // A sibling within the same cause is no other answer.
        let rivals = || {
            causes
                .iter()
                .filter(|c| c.finding.cause != best.finding.cause)
        };
        let Some(next) = rivals().next() else { return };
        self.sheet.blank();
        let mut words = format!(
            " {}: {}.",
            view::verdict(next).to_lowercase(),
            next.finding.title()
        );
        // What lies idle in a message stands in the sum above already; a record knows more of it.
        let pieces = next.finding.cause == Cause::Fragmentation && !recorded;
        if !pieces && next.verdict.because != best.verdict.because {
            words = format!("{words} {}", next.verdict.because);
        }
        match &next.verdict.settle {
            Some(settle) if next.verdict.settle != best.verdict.settle => {
                words = format!("{words} To tell: {}", view::sentence(settle));
            }
            _ => {}
        }
        let head = styled("If that does not help:", self.look.styles.heading);
        self.sheet.flow(0, 2, &[head, plain(words)]);
        let others: Vec<&str> = rivals().skip(1).map(|c| c.finding.id.name()).collect();
        if !others.is_empty() {
            let words = format!("Also possible: {}.", others.join(", "));
            self.sheet
                .flow(2, 2, &[styled(words, self.look.styles.aside)]);
        }
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
    }

    /// The same with the page as a link, where somebody said where the pages are and the terminal has more than plain text.
    fn linked(&self, more: String, explained: &Explained) -> String {
        let plain = self.look.styles.aside == Style::new();
        let (Some(pages), Some(best), false) = (self.pages, explained.causes.first(), plain) else {
            return more;
        };
        let id = best.finding.id.name();
        let words = format!("whyoom explain {id}");
        more.replacen(&words, &pages.link(id, &words), 1)
    }

    /// Where to read on, and how to see what was left out.
    fn more(&mut self, explained: &Explained, readings: bool) -> String {
        let Some(best) = explained.causes.first() else {
            return String::new();
        };
        let id = best.finding.id.name();
        let hidden = explained.fixes.len() > self.fixes && !self.verbose;
        let all = hidden.then(|| format!("all {} fixes", explained.fixes.len()));
        let course = readings.then(|| "the readings".to_owned());
        let left_out: Vec<String> = all.into_iter().chain(course).collect();
        let mut words = format!("More: whyoom explain {id}");
        if !left_out.is_empty() {
            words = format!("{words}; --verbose shows {}", left_out.join(" and "));
        }
        let more = self.aside(|paper| {
            paper.sheet.blank();
            paper
                .sheet
                .flow(0, 2, &[styled(words, paper.look.styles.aside)]);
        });
        self.linked(more, explained)
    }
}

/// How many lines a text takes.
fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// The parts that have room, in the order of the page, and the ranks of those that have none.
fn chosen(parts: Vec<Part>, room: usize) -> (Vec<String>, Vec<usize>) {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    sorting::by_key(&mut order, |at| parts.get(*at).map(|(rank, _)| *rank));
    let mut left = room;
    let mut kept = vec![false; parts.len()];
    for at in order {
        let Some((_, text)) = parts.get(at) else {
            continue;
        };
        if lines(text) <= left {
            left -= lines(text);
            if let Some(kept) = kept.get_mut(at) {
                *kept = true;
            }
        }
    }
    let (kept, left_out): (Vec<_>, Vec<_>) =
        parts.into_iter().zip(kept).partition(|(_, kept)| *kept);
    let kept = kept.into_iter().map(|((_, text), _)| text).collect();
    let left_out = left_out.into_iter().map(|((rank, _), _)| rank).collect();
    (kept, left_out)
}

/// "Seen 8 times, also at lines 520, 631." `None` where there was one failure and nothing to add.
fn seen(explained: &Explained) -> Option<String> {
    let incident = &explained.incident;
    let mut words = Vec::new();
    if incident.repeats > 1 {
        let lines: Vec<String> = incident.echoes.iter().map(u64::to_string).collect();
        let places = view::elsewhere(incident);
        let word = match lines.len() {
            0 => "",
            1 => "line ",
            _ => "lines ",
        };
        let count = lines.len() + places.len();
        let all: Vec<String> = lines.into_iter().chain(places).take(NAMED_LINES).collect();
        let cut = if count > NAMED_LINES { ", ..." } else { "" };
        let times = format!("Seen {} times", incident.repeats);
        words.push(match all.as_slice() {
            [] => times,
            all => format!("{times}, also at {word}{}{cut}", all.join(", ")),
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
    let lines = read_at::figures(incident);
    if lines.is_empty() {
        return vec![format!(
            "The message at {} holds no figures.",
            incident.place
        )];
    }
    let told = lines.into_iter().take(NAMED_LINES).map(|(line, facts)| {
        // A record has no lines.
        let at = if line == 0 { "in" } else { "at" };
        let place = read_at::place(incident, line);
        format!("Read {at} {place}: {}.", facts.join(", "))
    });
    told.collect()
}

//! Markdown for a ticket, a pull request or a job summary: the verdict, the sum, what to do, and where it was read.

use super::changes::change;
use super::chart::{Frame, chart};
use super::fingerprint::fingerprint;
use super::markup::{code, fence, inline};
use super::now::{HELD, below, lines, row};
use super::shown_readings::DRAWN;
use super::{Options, Output, Readings, holdings, margin, memories, read_at, skew, view};
use crate::bytes::human;
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;
use crate::evidence::{Clue, Holdings, Now, Series, Skew};
use crate::findings::Judged;
use crate::fixes::Ranked;
use std::fmt::Write as _;
use std::io::Write;

pub(super) static OUTPUT: Output = Output {
    name: "markdown",
    about: "For a ticket or a pull request",
    write,
    streams: false,
    follows: true,
    readings: Readings::Drawn(|_, _, _| Some(FRAME)),
};

/// So many fixes are written out.
const FIXES: usize = 4;
/// So many lines of a log are named for one failure.
const NAMED_LINES: usize = 6;
/// A picture: a ticket shows no more columns without scrolling.
const FRAME: Frame = Frame {
    width: 76,
    capacity: None,
    ascii: false,
    joined: false,
};

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let sections = diagnoses.iter().flat_map(|diagnosis| {
        let failures = diagnosis.incidents.iter().map(|e| failure(e, options));
        let held = diagnosis.holdings.iter().map(|held| held_by(held, 2));
        failures
            .chain(held)
            .chain(diagnosis.skew.as_ref().map(beside))
            .chain(diagnosis.series.iter().filter_map(course))
    });
    let mut between = "";
    for section in sections.chain(foot(diagnoses, options)) {
        write!(out, "{between}{section}").map_err(Error::Write)?;
        between = "\n";
    }
    Ok(())
}

/// One failure.
pub(super) fn failure(explained: &Explained, options: &Options) -> String {
    let mut page = format!("## {}\n\n", inline(&view::headline(explained, usize::MAX)));
    if let Some(best) = explained.causes.first() {
        page += &verdict(best);
    }
    if options.compared.knows(&fingerprint(explained)) == Some(true) {
        let _ = write!(page, "\n*{}*\n", view::KNOWN);
    }
    if let Some(words) = view::uncounted(explained, options) {
        let _ = write!(page, "\n*{words}*\n");
    }
    page += &sum(explained);
    page += &remedies(&explained.fixes, options.fixes.unwrap_or(FIXES));
    if let Some(diff) = change(explained).and_then(Clue::diff) {
        let _ = write!(page, "\n### The change\n\n{}", fence("diff", &diff, 0));
    }
    if let Some(words) = explained.rerun.words() {
        let _ = write!(page, "\n{words}\n");
    }
    if let Some(held) = &explained.incident.holdings {
        page += "\n";
        page += &held_by(held, 3);
    }
    page += &others(&explained.causes);
    if !explained.notes.is_empty() {
        page += "\n### Good to know\n\n";
        for note in &explained.notes {
            let _ = writeln!(page, "- {}", inline(note));
        }
    }
    if let Some(now) = &explained.now {
        page += &on_this_machine(now, explained.incident.device);
    }
    page += &evidence(explained);
    page
}

/// Who held a GPU by a memory snapshot, as a table.
fn held_by(held: &Holdings, level: usize) -> String {
    let marks = "#".repeat(level);
    let mut page = format!("{marks} {}\n\n", holdings::heading(held));
    let (owners, rest, others) = holdings::named(held);
    if !owners.is_empty() {
        page += "| line | held | for |\n|:--|--:|:--|\n";
    }
    for owner in owners {
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            code(&holdings::line(owner)),
            human(owner.bytes),
            inline(&holdings::note(owner))
        );
    }
    if others > 0 && rest > 0 {
        let _ = writeln!(page, "| {others} more lines | {} | |", human(rest));
    }
    let kinds = (held.kinds.len() > 1).then(|| format!("By kind: {}.", holdings::kinds(held)));
    let (idle, next) = (holdings::idle(held), holdings::next(held));
    let remarks = holdings::remarks(held).join(" ");
    let remarks = Some(remarks).filter(|words| !words.is_empty());
    for words in [kinds, idle, next, remarks].into_iter().flatten() {
        let _ = write!(page, "\n{}\n", inline(&words));
    }
    page
}

/// The ranks of a job beside each other, as a table.
fn beside(skew: &Skew) -> String {
    let table = skew::table(skew);
    let line = |row: &[String]| format!("| {} |\n", row.join(" | "));
    let mut page = format!("## {}\n\n", skew::heading(skew)) + &line(&table.head);
    let sizes = "--:|".repeat(table.head.len().saturating_sub(1));
    let _ = writeln!(page, "|{sizes}:--|");
    page.extend(table.rows.iter().map(|row| line(row)));
    if let Some(words) = table.more {
        let _ = write!(page, "\n{words}\n");
    }
    let lines = skew::lines(skew);
    if !lines.is_empty() {
        page += "\nLines that differ most:\n\n";
    }
    for (name, words) in lines {
        let _ = writeln!(page, "- {}: {}", code(&name), inline(&words));
    }
    page
}

/// Who held the GPU when memory ran out, and what would fit now.
fn on_this_machine(now: &Now, device: Option<u32>) -> String {
    let mut page = String::new();
    if let Some(at) = now.at_failure.as_ref().filter(|at| !at.holders.is_empty()) {
        let _ = write!(
            page,
            "\n### Who held GPU {} when memory ran out\n\n",
            at.gpu
        );
        for holder in at.holders.iter().take(HELD) {
            let [pid, held, whose] = row(holder);
            let command = holder.command.as_deref().map(code);
            let command = command.map_or(String::new(), |command| format!(": {command}"));
            let _ = writeln!(page, "- process {pid}, {held}, {whose}{command}");
        }
        for line in below(at) {
            let _ = write!(page, "\n{}\n", inline(&line));
        }
    }
    page += "\n### Now, on this machine\n\n";
    for line in lines(now, device) {
        let _ = writeln!(page, "- {}", inline(&line));
    }
    page
}

fn verdict(best: &Judged) -> String {
    let mut words = format!(
        "**{}:** {}. {}\n",
        view::verdict(best),
        inline(&best.finding.title()),
        inline(&best.verdict.because)
    );
    if let Some(settle) = &best.verdict.settle {
        let _ = write!(words, "\nTo be sure: {}\n", inline(&view::sentence(settle)));
    }
    words
}

/// Where the memory went, as a table. Nothing in it is text of a log.
fn sum(explained: &Explained) -> String {
    let Some(memories) = memories::of(explained) else {
        return String::new();
    };
    let mut table = format!("\n| of {} | | |\n|:--|--:|:--|\n", human(memories.total));
    for part in &memories.parts {
        let problem = if part.problem { "**the problem**" } else { "" };
        let note = [problem, part.note].join(" ");
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            part.name,
            human(part.bytes),
            note.trim()
        );
    }
    table
}

/// What helps, best first.
fn remedies(fixes: &[Ranked], most: usize) -> String {
    let mut words = String::new();
    for (number, ranked) in (1..).zip(fixes.iter().take(most)) {
        if number == 1 {
            words += "\n### Do this\n\n";
        }
        let worth = view::worth(&ranked.offer).map_or(String::new(), |worth| format!("{worth}; "));
        let _ = writeln!(
            words,
            "{number}. {} ({worth}cost: {})\n",
            inline(ranked.fix.title()),
            inline(ranked.cost())
        );
        words += &fence("", &ranked.offer.how, 3);
    }
    words
}

/// What else it may be.
fn others(causes: &[Judged]) -> String {
    let Some(next) = causes.get(1) else {
        return String::new();
    };
    let mut words = format!(
        "\nIf that does not help: {}: {}. {}\n",
        view::verdict(next).to_lowercase(),
        inline(&next.finding.title()),
        inline(&next.verdict.because)
    );
    let rest: Vec<String> = causes
        .iter()
        .skip(2)
        .map(|c| code(c.finding.id.name()))
        .collect();
    if !rest.is_empty() {
        let _ = write!(words, "\nAlso possible: {}.\n", rest.join(", "));
    }
    words
}

/// The places in the log that the numbers stand on, and the user's line.
fn evidence(explained: &Explained) -> String {
    let incident = &explained.incident;
    let lines = read_at::with_message(incident);
    let mut page = "\n### Evidence\n\n".to_owned();
    for (line, facts) in lines.iter().take(NAMED_LINES) {
        let place = code(&read_at::place(incident, *line));
        let facts = match facts.as_slice() {
            [] => "the failure".to_owned(),
            facts => inline(&facts.join(", ")),
        };
        let _ = writeln!(page, "- {place}: {facts}");
    }
    if let Some(frame) = &incident.frame {
        let place = code(&format!("{}:{}", frame.file, frame.line));
        let function = Some(&frame.function).filter(|name| !name.is_empty());
        let within = function.map_or(String::new(), |name| format!(" in {}", code(name)));
        let _ = writeln!(page, "- {place}{within}");
        if !frame.code.is_empty() {
            let _ = write!(page, "\n{}", fence("python", &frame.code, 2));
        }
    }
    if incident.repeats > 1 {
        let places = view::elsewhere(incident);
        let cut = if places.len() > NAMED_LINES {
            ", ..."
        } else {
            ""
        };
        let named: Vec<String> = places.iter().take(NAMED_LINES).map(|p| code(p)).collect();
        let also = match named.as_slice() {
            [] => " in this log".to_owned(),
            named => format!(", also at {}{cut}", named.join(", ")),
        };
        let _ = writeln!(page, "- seen {} times{also}", incident.repeats);
    }
    if let Some(best) = explained.causes.first() {
        let _ = write!(
            page,
            "\nMore: `whyoom explain {}`\n",
            best.finding.id.name()
        );
    }
    page
}

/// A series of readings, drawn with text; `None` where there is no course to see.
fn course(series: &Series) -> Option<String> {
    if series.points.len() < DRAWN {
        return None;
    }
    let rank = series
        .rank
        .map_or(String::new(), |rank| format!(", rank {rank}"));
    let mut page = format!(
        "## Memory over time: {}{rank}\n\n{} {} readings in {}.\n\n",
        series.counter.name(),
        series.count,
        series.trend.verdict.name(),
        code(&series.source)
    );
    let lines = chart(&series.points, FRAME);
    page += &fence("text", &lines.join("\n"), 0);
    if let (Some(first), Some(last)) = (series.points.first(), series.points.last()) {
        let step = inline(&series.step_name);
        let _ = write!(page, "\n{step} {} to {}\n", first.step, last.step);
    }
    Some(page)
}

/// What was read, where nothing was found; and what could not be read.
pub(super) fn foot(diagnoses: &[Diagnosis], options: &Options) -> Option<String> {
    let mut words = String::new();
    if diagnoses.iter().all(|d| d.incidents.is_empty()) {
        let inputs = view::count(diagnoses.len(), "input");
        let _ = writeln!(words, "No out-of-memory failure found in {inputs}.");
    }
    for near in &options.compared.near {
        let close = inline(&margin::words(near));
        let _ = write!(words, "\n**{}** {close}\n", margin::HEAD);
    }
    let (named, more) = view::unread(diagnoses);
    for (source, problem) in named {
        let _ = write!(
            words,
            "\n**Not all was read:** {}: {}.\n",
            code(source),
            inline(problem)
        );
    }
    if more > 0 {
        let _ = write!(words, "\n**Not all was read** of {more} more inputs.\n");
    }
    (!words.is_empty()).then_some(words)
}

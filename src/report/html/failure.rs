//! One failure: the answer, what to do, the sum as bars, who held the GPU, and where each figure was read.

use super::charts::bar;
use super::held::held;
use super::markup::{block, inline, text};
use crate::bytes::human;
use crate::diagnose::Explained;
use crate::evidence::{Incident, Now};
use crate::findings::{Cause, Judged};
use crate::fixes::{Enough, Ranked};
use crate::report::now::{HELD, below, lines, row};
use crate::report::{Options, fingerprint, memories, read_at, view};
use std::fmt::Write as _;

/// So many frames of a stack are shown, the innermost ones.
const FRAMES: usize = 40;

/// The failure of this number on the page.
pub(super) fn failure(number: usize, explained: &Explained, options: &Options) -> String {
    let best = explained.causes.first();
    let mut page = format!(
        "<article id=\"failure-{number}\">\n<h2>{}</h2>\n",
        text(&view::headline(explained, usize::MAX))
    );
    page += &best.map_or_else(String::new, verdict);
    page += &counted(explained, options);
    page += &remedies(explained, options.fixes.unwrap_or(usize::MAX));
    page += &sum(explained);
    if let Some(holdings) = &explained.incident.holdings {
        page += &held(holdings);
    }
    page += &others(&explained.causes);
    page += &list(
        "Good to know",
        explained.notes.iter().map(|note| inline(note)),
    );
    if let Some(now) = &explained.now {
        page += &on_this_machine(now, explained.incident.device);
    }
    page += &evidence(&explained.incident);
    page += &stack(&explained.incident);
    if let Some(best) = best {
        let id = best.finding.id.name();
        let page_of = options.pages.as_ref().and_then(|pages| pages.of(id));
        let link = page_of.map(|address| {
            let address = text(&address);
            format!(", <a href=\"{address}\">its page</a>")
        });
        let _ = writeln!(
            page,
            "<p class=\"aside\">More: <code>whyoom explain {id}</code>{}</p>",
            link.unwrap_or_default()
        );
    }
    page + "</article>\n"
}

fn verdict(best: &Judged) -> String {
    let mut words = format!(
        "<p class=\"verdict\"><strong>{}:</strong> {}. {}</p>\n",
        text(&view::verdict(best)),
        inline(&best.finding.title()),
        inline(&best.verdict.because)
    );
    if let Some(settle) = &best.verdict.settle {
        let head = if best.finding.cause == Cause::Unknown {
            "What would settle it"
        } else {
            "To be sure"
        };
        let _ = writeln!(
            words,
            "<p><strong>{head}:</strong> {}</p>",
            inline(&view::sentence(settle))
        );
    }
    words
}

/// Whether an earlier run had it, whether it counts, and what another run would give.
fn counted(explained: &Explained, options: &Options) -> String {
    let known = options.compared.knows(&fingerprint(explained)) == Some(true);
    let known = known.then_some(view::KNOWN);
    let words = [
        known,
        view::uncounted(explained, options),
        explained.rerun.words(),
    ];
    let words = words.into_iter().flatten();
    words
        .map(|words| format!("<p class=\"aside\">{}</p>\n", text(words)))
        .collect::<Vec<_>>()
        .concat()
}

/// What helps, best first, with what to type.
fn remedies(explained: &Explained, most: usize) -> String {
    if explained.fixes.is_empty() || most == 0 {
        return String::new();
    }
    let short = explained.balance.shortfall.filter(|short| short.low() > 0);
    let missing = short.map_or_else(String::new, |short| {
        format!(
            " <span class=\"aside\">({} is missing)</span>",
            text(&short.to_string())
        )
    });
    let fixes = explained.fixes.iter().take(most).map(remedy);
    format!(
        "<h3>Do this{missing}</h3>\n<ol class=\"fixes\">\n{}</ol>\n",
        fixes.collect::<Vec<_>>().concat()
    )
}

fn remedy(ranked: &Ranked) -> String {
    let worth = view::worth(&ranked.offer).map(|worth| {
        let class = if ranked.offer.enough == Enough::Yes {
            "enough"
        } else {
            "worth"
        };
        format!(": <span class=\"{class}\">{}</span>", text(&worth))
    });
    format!(
        "<li><strong>{}</strong>{}. <span class=\"aside\">Cost: {}.</span>\n{}</li>\n",
        inline(ranked.title()),
        worth.unwrap_or_default(),
        inline(ranked.cost().trim_end_matches('.')),
        block(&ranked.offer.how)
    )
}

/// Where the memory went, as bars of one scale.
fn sum(explained: &Explained) -> String {
    let Some(memories) = memories::of(explained) else {
        return String::new();
    };
    // A request may be larger than the device.
    let parts = memories.parts.iter().map(|part| part.bytes);
    let whole = parts.max().unwrap_or(0).max(memories.total);
    let rows = memories.parts.iter().map(|part| {
        let (problem, name) = if part.problem {
            (" <span class=\"problem\">← the problem</span>", "problem")
        } else {
            ("", "part")
        };
        format!(
            "<tr><td class=\"{name}\">{}</td><td class=\"bar\">{}</td><td class=\"size\">{}</td><td>\
             <span class=\"aside\">{}</span>{problem}</td></tr>\n",
            part.name,
            bar(part.bytes, whole, part.problem),
            human(part.bytes),
            part.note,
        )
    });
    format!(
        "<h3>Where the {} went</h3>\n<table>\n{}</table>\n",
        human(memories.total),
        rows.collect::<Vec<_>>().concat()
    )
}

/// What else it may be, and what would tell.
fn others(causes: &[Judged]) -> String {
    let items = causes.iter().skip(1).map(|judged| {
        let settle = judged.verdict.settle.as_deref();
        let settle = settle.map(|words| format!(" To tell: {}", view::sentence(words)));
        format!(
            "<strong>{}</strong> (<code>{}</code>): {}. {}{}",
            text(&view::verdict(judged)),
            judged.finding.id.name(),
            inline(&judged.finding.title()),
            inline(&judged.verdict.because),
            inline(&settle.unwrap_or_default())
        )
    });
    list("If that does not help", items)
}

/// A heading and its items; nothing where there are none.
fn list(heading: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items
        .map(|item| format!("<li>{item}</li>\n"))
        .collect::<Vec<_>>()
        .concat();
    if items.is_empty() {
        return items;
    }
    format!("<h3>{heading}</h3>\n<ul>\n{items}</ul>\n")
}

/// Who held the GPU when memory ran out, and what would fit now.
fn on_this_machine(now: &Now, device: Option<u32>) -> String {
    let mut page = String::new();
    if let Some(at) = now.at_failure.as_ref().filter(|at| !at.holders.is_empty()) {
        let _ = writeln!(
            page,
            "<h3>Who held GPU {} when memory ran out</h3>\n<table>",
            at.gpu
        );
        for holder in at.holders.iter().take(HELD) {
            let [pid, held, whose] = row(holder);
            let command = holder.command.as_deref().unwrap_or("command not visible");
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td class=\"size\">{}</td><td>{}</td><td><code>{}</code></td></tr>",
                text(&pid),
                text(&held),
                text(&whose),
                text(command)
            );
        }
        page += "</table>\n";
        for line in below(at) {
            let _ = writeln!(page, "<p>{}</p>", inline(&line));
        }
    }
    page + &list(
        "On that machine, when this was written",
        lines(now, device).iter().map(|line| inline(line)),
    )
}

/// The lines of the input that the figures stand on, and the user's own line.
fn evidence(incident: &Incident) -> String {
    let figures = read_at::with_message(incident)
        .into_iter()
        .map(|(line, facts)| {
            let facts = match facts.as_slice() {
                [] => "the failure".to_owned(),
                facts => text(&facts.join(", ")),
            };
            let place = read_at::place(incident, line);
            format!("<code>{}</code>: {facts}", text(&place))
        });
    let frame = incident.frame.as_ref().map(|frame| {
        let code = Some(&frame.code).filter(|code| !code.is_empty());
        format!(
            "<code>{}</code>{}",
            text(&format!("{}:{}", frame.file, frame.line)),
            code.map_or_else(String::new, |code| block(code))
        )
    });
    let also = also(incident);
    list("Evidence", figures.chain(frame).chain(also))
}

/// So many other places are named.
const NAMED: usize = 20;

/// How often it was seen and where else.
fn also(incident: &Incident) -> Option<String> {
    if incident.repeats < 2 {
        return None;
    }
    let lines = incident.echoes.iter().map(|line| format!("line {line}"));
    let places: Vec<String> = lines.chain(view::elsewhere(incident)).collect();
    let named: Vec<&str> = places.iter().take(NAMED).map(String::as_str).collect();
    let more = if places.len() > NAMED { ", ..." } else { "" };
    let also = match named.as_slice() {
        [] => String::new(),
        named => format!(", also at {}{more}", named.join(", ")),
    };
    Some(text(&format!("seen {} times{also}", incident.repeats)))
}

/// The call stack, folded away.
fn stack(incident: &Incident) -> String {
    let frames = &incident.traceback.frames;
    let skipped = frames.len().saturating_sub(FRAMES);
    let shown: Vec<String> = frames
        .iter()
        .skip(skipped)
        .map(|f| text(&format!("{}:{} {}", f.file, f.line, f.function)))
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    format!(
        "<details>\n<summary>Call stack, innermost last</summary>\n<pre><code>{}</code></pre>\n</details>\n",
        shown.join("\n")
    )
}

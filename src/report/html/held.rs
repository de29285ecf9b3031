//! Who held a GPU by a memory snapshot, as a table with bars.

use super::charts::{bar, course};
use super::flame::flame;
use super::markup::{inline, text};
use super::segments::map;
use crate::bytes::human;
use crate::evidence::{Holdings, Owner, Point, Skew};
use crate::report::holdings::{
    COURSE, heading, idle, kinds, line, named, next, note, remarks, seconds,
};
use crate::report::rounds::{HEADING, Pile, piles};
use crate::report::shown_readings::DRAWN;
use crate::report::skew;
use std::fmt::Write as _;

/// The owners, largest first, the course, and what else a snapshot tells.
pub(super) fn held(held: &Holdings) -> String {
    let mut page = format!("<h3>{}</h3>\n<table>\n", text(&heading(held)));
    let (owners, rest, others) = named(held);
    for owner in owners {
        page += &row(owner, held.allocated);
    }
    if others > 0 && rest > 0 {
        let _ = writeln!(
            page,
            "<tr><td>{others} more lines</td><td></td><td class=\"size\">{}</td><td></td></tr>",
            human(rest)
        );
    }
    page += "</table>\n";
    page += &tree(&piles(held));
    page += &over_time(held);
    page += &flame(&held.stacks);
    page += &map(&held.segments, held.segment_count);
    let kinds = (held.kinds.len() > 1).then(|| format!("By kind: {}.", kinds(held)));
    let remarks = Some(remarks(held).join(" ")).filter(|words| !words.is_empty());
    for words in [kinds, idle(held), next(held), remarks]
        .into_iter()
        .flatten()
    {
        let _ = writeln!(page, "<p>{}</p>", inline(&words));
    }
    page
}

fn row(owner: &Owner, whole: u64) -> String {
    format!(
        "<tr><td class=\"line\"><code>{}</code></td><td class=\"bar\">{}</td><td class=\"size\">{}</td><td>{}</td></tr>\n",
        text(&line(owner)),
        bar(owner.bytes, whole, owner.accumulates.is_some()),
        human(owner.bytes),
        text(&note(owner))
    )
}

/// What piles up, as lists within lists.
fn tree(piles: &[Pile<'_>]) -> String {
    fn list(piles: &[Pile<'_>]) -> String {
        if piles.is_empty() {
            return String::new();
        }
        let items = piles.iter().map(|pile| {
            let (words, calls) = pile.told();
            format!("<li>{}{}</li>\n", text(&words), list(calls))
        });
        format!("<ul>\n{}</ul>\n", items.collect::<String>())
    }
    if piles.is_empty() {
        return String::new();
    }
    format!("<p>{HEADING}</p>\n{}", list(piles))
}

/// The ranks of a job beside each other, a row for each.
pub(super) fn beside(skew: &Skew) -> String {
    let table = skew::table(skew);
    let last = table.head.len().saturating_sub(1);
    let line = |row: &[String], tag: &str| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let class = match column {
                0 => "",
                _ if column == last => "",
                _ => " class=\"size\"",
            };
            format!("<{tag}{class}>{}</{tag}>", text(cell))
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let mut page = format!("<h2>{}</h2>\n<table>\n", text(&skew::heading(skew)));
    page += &line(&table.head, "th");
    page.extend(table.rows.iter().map(|row| line(row, "td")));
    page += "</table>\n";
    if let Some(words) = table.more {
        let _ = writeln!(page, "<p>{}</p>", text(&words));
    }
    let lines = skew::lines(skew);
    if lines.is_empty() {
        return page;
    }
    page += "<p>Lines that differ most:</p>\n<ul>\n";
    for (name, words) in lines {
        let (name, words) = (text(&name), text(&words));
        let _ = writeln!(page, "<li><code>{name}</code>: {words}</li>");
    }
    page + "</ul>\n"
}

/// What was in use over time.
fn over_time(held: &Holdings) -> String {
    let (Some(first), Some(last)) = (held.course.first(), held.course.last()) else {
        return String::new();
    };
    if held.course.len() < DRAWN {
        return String::new();
    }
    let points = (0..).zip(&held.course);
    let points: Vec<Point> = points
        .map(|(step, point)| Point { step, ..*point })
        .collect();
    let named = |at: u64| {
        let step = if at == 0 { first.step } else { last.step };
        match held.micros {
            0 => step.to_string(),
            _ => seconds(step),
        }
    };
    format!(
        "<figure>\n{}<figcaption>{COURSE}</figcaption>\n</figure>\n",
        course(&points, None, COURSE, named),
    )
}

//! Who held a GPU by a memory snapshot, as a table with bars.

use super::charts::{bar, course};
use super::markup::{inline, text};
use crate::bytes::human;
use crate::evidence::{Holdings, Owner};
use crate::report::holdings::{heading, idle, kinds, line, named, note, remarks, seconds};
use crate::report::needs::DRAWN;
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
    page += &over_time(held);
    let kinds = (held.kinds.len() > 1).then(|| format!("By kind: {}.", kinds(held)));
    let remarks = Some(remarks(held).join(" ")).filter(|words| !words.is_empty());
    for words in [kinds, idle(held), remarks].into_iter().flatten() {
        let _ = writeln!(page, "<p>{}</p>", inline(&words));
    }
    page
}

fn row(owner: &Owner, whole: u64) -> String {
    format!(
        "<tr><td><code>{}</code></td><td class=\"bar\">{}</td><td class=\"size\">{}</td><td>{}</td></tr>\n",
        text(&line(owner)),
        bar(owner.bytes, whole, owner.accumulates.is_some()),
        human(owner.bytes),
        text(&note(owner))
    )
}

/// What was in use over time.
fn over_time(held: &Holdings) -> String {
    let last = held.course.last();
    let Some(last) = last.filter(|_| held.course.len() >= DRAWN) else {
        return String::new();
    };
    let span = match held.micros {
        0 => "over the events of the record".to_owned(),
        _ => format!("over {}", seconds(last.step)),
    };
    format!(
        "<figure>\n{}<figcaption>In use {}</figcaption>\n</figure>\n",
        course(&held.course, None, &span),
        text(&span)
    )
}

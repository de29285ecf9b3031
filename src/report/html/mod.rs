//! One page of HTML for a ticket or a colleague: a file by itself, with all that was found and pictures of it.

mod charts;
mod failure;
mod flame;
mod held;
pub(super) mod markup;
pub(super) mod page;
mod prose;
mod segments;
mod site;

use std::fmt::Write as _;
use std::io::Write;

use super::chart::Frame;
use super::shown_readings::{DRAWN, capacity};
use super::{Options, Output, Readings, margin, view};
use crate::bytes::human;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::{Series, TrendVerdict};
use markup::{inline, text};
pub use site::{File, site};

pub(super) static OUTPUT: Output = Output {
    name: "html",
    about: "A page with pictures, in one file",
    write,
    streams: false,
    follows: false,
    readings: Readings::Drawn(|_, _, capacity| {
        Some(Frame {
            width: 72,
            capacity,
            ascii: false,
            joined: false,
        })
    }),
};

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut put = |part: &str| out.write_all(part.as_bytes()).map_err(Error::Write);
    put(&page::head(&title(diagnoses)))?;
    put(&format!("<h1>{}</h1>\n", text(&title(diagnoses))))?;
    put(&contents(diagnoses))?;
    let failures = diagnoses.iter().flat_map(|d| &d.incidents);
    for (number, explained) in (1..).zip(failures) {
        put(&failure::failure(number, explained, options))?;
    }
    for near in &options.compared.near {
        let (head, words) = (text(margin::HEAD), text(&margin::words(near)));
        put(&format!("<p><strong>{head}</strong> {words}</p>\n"))?;
    }
    for diagnosis in diagnoses {
        for held in &diagnosis.holdings {
            put(&format!("<article>\n{}</article>\n", held::held(held)))?;
        }
        if let Some(skew) = &diagnosis.skew {
            put(&format!("<article>\n{}</article>\n", held::beside(skew)))?;
        }
        let capacity = capacity(diagnosis);
        for series in &diagnosis.series {
            put(&course(series, capacity))?;
        }
    }
    put(&inputs(diagnoses))?;
    put(&page::foot())
}

/// "1 failure in train.log".
fn title(diagnoses: &[Diagnosis]) -> String {
    let failures: usize = diagnoses.iter().map(|d| d.incidents.len()).sum();
    let found = match failures {
        0 => "No out-of-memory failure found".to_owned(),
        n => view::count(n, "out-of-memory failure"),
    };
    match diagnoses {
        [only] => format!("{found} in {}", only.source),
        many => format!("{found} in {} inputs", many.len()),
    }
}

/// Where there are several failures, a list that leads to each.
fn contents(diagnoses: &[Diagnosis]) -> String {
    let failures: Vec<_> = diagnoses.iter().flat_map(|d| &d.incidents).collect();
    if failures.len() < 2 {
        return String::new();
    }
    let items = (1..).zip(failures).map(|(number, explained)| {
        let words = text(&view::one_sentence(explained));
        let place = text(&explained.incident.place.to_string());
        format!("<li><a href=\"#failure-{number}\">{words}</a> <span class=\"aside\">{place}</span></li>\n")
    });
    format!("<ol>\n{}</ol>\n", items.collect::<Vec<_>>().concat())
}

/// A series of readings as a picture; those that do not grow are folded away. Empty where there is no course to see.
fn course(series: &Series, capacity: Option<u64>) -> String {
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else {
        return String::new();
    };
    if series.points.len() < DRAWN {
        return String::new();
    }
    let rank = series.rank.map(|rank| format!(", rank {rank}"));
    let name = format!("{}{}", series.counter.name(), rank.unwrap_or_default());
    let grown = match series.trend.per_step {
        Some((slope, _)) => format!(
            ", {} each {}",
            human(slope.unsigned_abs()),
            series.step_name
        ),
        None => String::new(),
    };
    let caution = series.trend.caution.map(|words| format!(" But {words}."));
    let along = format!("{} {} to {}", series.step_name, first.step, last.step);
    let summary = format!(
        "Memory over time: {name} {}{grown}",
        series.trend.verdict.name()
    );
    let open = if series.trend.verdict == TrendVerdict::Grows {
        " open"
    } else {
        ""
    };
    format!(
        "<details{open}>\n<summary>{}</summary>\n<figure>\n{}<figcaption>{}, {} readings in <code>{}</code>.{}</figcaption>\n\
         </figure>\n</details>\n",
        text(&summary),
        charts::course(&series.points, capacity, &along, |step| step.to_string()),
        text(&along),
        series.count,
        text(&series.source),
        inline(&caution.unwrap_or_default()),
    )
}

/// So many inputs without a failure are listed.
const LISTED: usize = 200;

/// What was read, and what could not be.
fn inputs(diagnoses: &[Diagnosis]) -> String {
    let mut table = "<h2>Read</h2>\n<table>\n".to_owned();
    let worth = |d: &&Diagnosis| !d.complete || !d.incidents.is_empty();
    let (first, rest): (Vec<_>, Vec<_>) = diagnoses.iter().partition(worth);
    let more = rest.len().saturating_sub(LISTED);
    for input in first.into_iter().chain(rest.into_iter().take(LISTED)) {
        let remark = match (&input.problem, &input.remark) {
            _ if !input.complete => {
                let problem = input.problem.as_deref().unwrap_or("cut short");
                format!(
                    "<span class=\"problem\">Not all was read: {}</span>",
                    text(problem)
                )
            }
            (_, Some(remark)) => text(remark),
            _ => "all of it".to_owned(),
        };
        let _ = writeln!(
            table,
            "<tr><td><code>{}</code></td><td class=\"size\">{}</td><td>{remark}</td></tr>",
            text(&input.source),
            human(input.bytes)
        );
    }
    if more > 0 {
        let _ = writeln!(
            table,
            "<tr><td>{more} more inputs, read to their end</td></tr>"
        );
    }
    table + "</table>\n"
}

//! The language of GitHub Actions: annotations at the user's line, the report in the step's log, and a page for the job.
//!
//! A step shows ten errors and drops the others without a word (docs.github.com, "Annotations"), so that each failure is
//! annotated once, the surest first, and one notice counts the rest. Failures of the baseline are no errors: one notice counts
//! them. The report is printed between `stop-commands` and its
//! token, and nothing in it opens a command either.

use std::fmt::Write as _;
use std::io::Write;

use super::distinct::{Distinct, best_first};
use super::fingerprint::hash;
use super::markup::code;
use super::repository::{in_code, in_log, spot};
use super::sanitize::visible;
use super::{Look, Options, Output, Styles, margin, markdown, terminal, view};
use crate::compare::Near;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Part;

pub(super) static OUTPUT: Output = Output {
    name: "github",
    about: "Annotations of GitHub Actions, and the page of the job",
    write,
    streams: false,
    follows: false,
    readings: terminal::OUTPUT.readings,
};

/// So many errors are shown for a step, and so many warnings.
const SHOWN: usize = 10;
/// A message of an annotation: what is longer is hidden behind a button.
const MESSAGE: usize = 4096;
/// So many other logs are named on the page of the job.
const NAMED_LOGS: usize = 6;
/// So many bytes of a job's page are taken for one step; one more, and all of it is refused.
pub const SUMMARY: usize = 1024 * 1024;

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let plain = Options {
        look: Look {
            styles: Styles::default(),
            ..options.look.clone()
        },
        ..options.clone()
    };
    let mut report = Vec::new();
    terminal::write(diagnoses, &plain, &mut report)?;
    let report = String::from_utf8_lossy(&report);
    // Of the report itself, so that a log cannot know it.
    let token = format!("whyoom-{}", hash(&[&report]));
    let mut text = format!("::stop-commands::{token}\n{report}\n::{token}::\n");
    let failures = best_first(diagnoses, options);
    let (known, new): (Vec<_>, Vec<_>) = failures
        .iter()
        .partition(|one| one.known(options) == Some(true));
    // Errors first: of more than fit, those that fail nothing are not missed.
    let (failing, others): (Vec<_>, Vec<_>) = new.iter().partition(|one| options.fails(one.first));
    for one in failing.into_iter().chain(others).take(SHOWN) {
        text += &annotation(one, options);
    }
    for near in options.compared.near.iter().take(SHOWN) {
        text += &close(near, options);
    }
    let mut say = |kind, words: &str| text += &command(kind, &[("title", "whyoom")], words);
    if new.len() > SHOWN {
        let more = new.len() - SHOWN;
        let place = "stand in the log of this step and on the page of the job";
        say("notice", &format!("{more} more failures {place}."));
    }
    if !known.is_empty() {
        let words = format!("Failures that the baseline has: {}.", known.len());
        say("notice", &words);
    }
    let unread: Vec<&Diagnosis> = diagnoses.iter().filter(|d| !d.complete).collect();
    // The last one that is shown counts those that are not.
    let named = if unread.len() > SHOWN {
        SHOWN - 1
    } else {
        SHOWN
    };
    for diagnosis in unread.iter().take(named) {
        let problem = diagnosis.problem.as_deref().unwrap_or("cut short");
        let words = format!("Not all was read: {}: {problem}", diagnosis.source);
        say("warning", &words);
    }
    if unread.len() > named {
        let more = unread.len() - named;
        say(
            "warning",
            &format!("Not all was read of {more} more inputs."),
        );
    }
    out.write_all(text.as_bytes()).map_err(Error::Write)
}

/// The page of the job: Markdown of at most `room` bytes, cut between failures, with a word on what is left out.
pub fn summary(diagnoses: &[Diagnosis], options: &Options, room: usize) -> String {
    let failures = best_first(diagnoses, options);
    let mut page = String::new();
    for (done, one) in failures.iter().enumerate() {
        let mut section = markdown::failure(one.first, options);
        section += &logs(one);
        section.push('\n');
        let left = failures.len() - done;
        let words = format!(
            "{left} more failures did not fit on this page; the log of the step has them.\n"
        );
        // What is left out must still be said.
        if page.len() + section.len() + words.len() > room {
            if page.len() + words.len() <= room {
                page += &words;
            }
            return page;
        }
        page += &section;
    }
    let foot = markdown::foot(diagnoses, options).unwrap_or_default();
    if page.len() + foot.len() <= room {
        page += &foot;
    }
    page
}

/// The other logs that have it, of the same job or not; empty where there is none.
fn logs(one: &Distinct<'_>) -> String {
    let others = one
        .seen
        .iter()
        .filter(|seen| !std::ptr::eq(**seen, one.first));
    let mut places: Vec<String> = others
        .map(|explained| code(&explained.incident.place.to_string()))
        .collect();
    if places.is_empty() {
        return String::new();
    }
    if places.len() > NAMED_LOGS {
        places.truncate(NAMED_LOGS);
        places.push("...".to_owned());
    }
    let (count, logs) = (one.count(), one.seen.len());
    let places = places.join(", ");
    format!("\nSeen {count} times, in {logs} logs or jobs: also at {places}\n")
}

fn annotation(one: &Distinct<'_>, options: &Options) -> String {
    let root = options.repo_root.as_deref();
    let spot = spot(&one.first.incident, root);
    let line = spot.line.to_string();
    let test = one.first.incident.who.get(Part::Test);
    let test = test.map_or(String::new(), |test| format!(" in {test}"));
    let title = format!("{}{test}: {}", view::memory(one.first), one.finding());
    let mut words = view::summary(one.first);
    if let Some(best) = one.first.fixes.first() {
        let _ = write!(
            words,
            "\nDo this: {}\n{}",
            view::sentence(best.fix.title()),
            best.offer.how
        );
    }
    if in_code(&one.first.incident, root).is_some() {
        let _ = write!(words, "\nRead at {}", one.first.incident.place);
    }
    if one.count() > 1 {
        let _ = write!(words, "\nSeen {} times", one.count());
    }
    let others = view::other_places(&one.first.incident);
    if !others.is_empty() {
        let _ = write!(words, "\n{others}");
    }
    let properties = [
        ("file", spot.path.as_str()),
        ("line", &line),
        ("title", &title),
    ];
    let kind = if options.fails(one.first) {
        "error"
    } else {
        "notice"
    };
    command(kind, &properties, &words)
}

/// A run that passed close to the size of the card.
fn close(near: &Near, options: &Options) -> String {
    let spot = in_log(&near.place(), options.repo_root.as_deref());
    let line = spot.line.to_string();
    let kind = if options.compared.gate.counts_margin() {
        "error"
    } else {
        "warning"
    };
    let properties = [
        ("file", spot.path.as_str()),
        ("line", &line),
        ("title", "GPU memory close to full"),
    ];
    command(kind, &properties, &margin::words(near))
}

/// `::name key=value,key=value::data`, escaped as actions/toolkit does (`packages/core/src/command.ts`).
fn command(name: &str, properties: &[(&str, &str)], data: &str) -> String {
    let lines: Vec<_> = data.lines().map(visible).collect();
    let mut data = lines.join("\n");
    if data.len() > MESSAGE {
        let fits = data
            .char_indices()
            .map(|(at, _)| at)
            .take_while(|at| *at <= MESSAGE);
        data.truncate(fits.last().unwrap_or(0));
        data += "...";
    }
    let pairs: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", property(&visible(value))))
        .collect();
    format!("::{name} {}::{}\n", pairs.join(","), escape(&data))
}

fn escape(data: &str) -> String {
    data.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(value: &str) -> String {
    escape(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_or_a_line_is_escaped() {
        assert_eq!(
            command(
                "error",
                &[("file", "a,b:c%\n.py"), ("line", "1")],
                "50 %\n::stop"
            ),
            "::error file=a%2Cb%3Ac%25\\n.py,line=1::50 %25%0A::stop\n"
        );
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let text = command("error", &[], &"ä".repeat(MESSAGE));
        assert!(text.len() < MESSAGE + 32 && text.ends_with("...\n"));
    }
}

//! The foot of a report: what was read, and what could not be.

use super::Paper;
use crate::bytes::human;
use crate::diagnose::Diagnosis;
use crate::report::distinct::distinct;
use crate::report::wrap::{Span, plain, styled};
use crate::report::{Options, view};

impl Paper<'_> {
    /// What was read, where that is not plain from the failures.
    pub(super) fn foot(&mut self, diagnoses: &[Diagnosis]) {
        let failures: usize = diagnoses.iter().map(|d| d.incidents.len()).sum();
        let mut lines: Vec<Vec<Span>> = Vec::new();
        if failures == 0 {
            lines.extend(nothing_found(diagnoses));
        } else if failures > 1 || diagnoses.len() > 1 {
            lines.push(vec![plain(sum(failures, diagnoses))]);
        }
        let (named, more) = view::unread(diagnoses);
        for (source, problem) in named {
            let words = format!("Not all was read: `{source}`: {problem}.");
            lines.push(vec![styled(words, self.look.styles.problem)]);
        }
        if more > 0 {
            let words = format!("Not all was read of {more} more inputs.");
            lines.push(vec![styled(words, self.look.styles.problem)]);
        }
        if !lines.is_empty() {
            self.sheet.blank();
        }
        for line in lines {
            self.sheet.flow(0, 2, &line);
        }
    }
}

/// What was read and what was found in it, where that is more than one failure of one input.
fn sum(failures: usize, diagnoses: &[Diagnosis]) -> String {
    let found = view::count(failures, "failure");
    if diagnoses.len() == 1 {
        return format!("{found} in {}.", counted(1));
    }
    let bytes = diagnoses.iter().map(|d| d.bytes);
    let bytes = human(bytes.fold(0, u64::saturating_add));
    let failed = diagnoses
        .iter()
        .filter(|d| !d.incidents.is_empty() || !d.joined.is_empty())
        .count();
    let read = counted(diagnoses.len());
    let distinct = distinct(diagnoses, &Options::default()).len();
    let distinct = match failures {
        1 => String::new(),
        all if distinct == all => ", all distinct,".to_owned(),
        _ => format!(", {distinct} distinct,"),
    };
    let unread = match diagnoses.iter().filter(|d| !d.complete).count() {
        0 => String::new(),
        1 => "; 1 input was not read to its end".to_owned(),
        n => format!("; {n} inputs were not read to their end"),
    };
    format!(
        "Read {read}, {bytes}: {found}{distinct} in {}{unread}.",
        counted(failed)
    )
}

fn counted(inputs: usize) -> String {
    view::count(inputs, "input")
}

/// What there is to say where memory did not run out: what was read, and what may be missing.
fn nothing_found(diagnoses: &[Diagnosis]) -> Vec<Vec<Span>> {
    let read: Vec<&Diagnosis> = diagnoses
        .iter()
        .filter(|d| d.complete || d.bytes > 0)
        .collect();
    let bytes = read.iter().map(|d| d.bytes).fold(0, u64::saturating_add);
    let mut lines = match read.as_slice() {
        [] => return vec![vec![plain("Nothing could be read.")]],
        [only] if only.bytes == 0 => {
            vec![format!("`{}` is empty.", only.source)]
        }
        [only] => vec![format!(
            "No out-of-memory failure found in `{}` ({} read).",
            only.source,
            human(only.bytes)
        )],
        many => vec![format!(
            "No out-of-memory failure found in {} ({} read).",
            counted(many.len()),
            human(bytes)
        )],
    };
    for diagnosis in &read {
        if let Some(remark) = &diagnosis.remark {
            lines.push(format!("`{}` is {remark}.", diagnosis.source));
        }
    }
    if read.iter().all(|diagnosis| !diagnosis.holdings.is_empty()) {
        return vec![vec![plain(lines.join(" "))]];
    }
    lines.push(
        "If memory did run out, give the lines from `Traceback` to the end of the error message."
            .to_owned(),
    );
    lines.into_iter().map(|line| vec![plain(line)]).collect()
}

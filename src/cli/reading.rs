//! One input read and explained: a log, or each log of an archive.

use crate::diagnose::{Diagnosis, Reader};
use crate::error::Error;
use crate::input::{self, Control, Part, Source};

/// What an input says, and what went wrong, for a person.
pub(super) type Told = (Diagnosis, Option<String>);

/// Reads an input, explains each log in it, and hands it over, in order.
///
/// `found` hears how many failures of a log it knew and how many there are by now, and gives back the latter. What a request
/// to stop left unread comes without words: they would be many.
pub(super) fn told(
    source: &Source,
    control: &Control,
    reader: &dyn Fn(&str) -> Reader,
    found: &dyn Fn(usize, usize) -> usize,
    take: &mut dyn FnMut(Told),
) -> Result<(), Error> {
    let mut open = None;
    let mut failures = 0;
    input::read(source, control, &mut |part| match part {
        Part::Begins(name) => {
            open = Some((name.to_owned(), reader(name)));
            failures = 0;
        }
        Part::Text(chunk) => {
            if let Some((_, reader)) = &mut open {
                reader.push(chunk);
                failures = found(failures, reader.failures());
            }
        }
        Part::Ends(outcome) => {
            let Some((name, reader)) = open.take() else {
                return;
            };
            let mut diagnosis = reader.finish();
            failures = found(failures, diagnosis.incidents.len());
            let words = |problem| format!("`{name}` was not read to its end: {problem}");
            let problem = outcome.problem.as_ref().or(diagnosis.problem.as_ref());
            let problem = problem.map(words);
            let problem = problem.filter(|_| !control.stop.asked());
            diagnosis.bytes = outcome.bytes;
            diagnosis.complete &= outcome.problem.is_none();
            diagnosis.problem = outcome.problem.or(diagnosis.problem);
            // What the content was found to be says more than its first bytes.
            diagnosis.remark = diagnosis.remark.or(outcome.remark.map(str::to_owned));
            take((diagnosis, problem));
        }
    })
}

/// The same as one diagnosis, named `name`: the failures and readings of an archive keep the names of its members.
pub(super) fn joined(
    name: &str,
    source: &Source,
    control: &Control,
    reader: &dyn Fn(&str) -> Reader,
) -> Result<Diagnosis, Error> {
    let mut whole: Option<Diagnosis> = None;
    told(
        source,
        control,
        reader,
        &|_, now| now,
        &mut |(part, _)| match &mut whole {
            Some(whole) => whole.append(part),
            None => whole = Some(part),
        },
    )?;
    let mut whole = whole.unwrap_or_else(|| reader(name).finish());
    name.clone_into(&mut whole.source);
    Ok(whole)
}

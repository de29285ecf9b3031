//! The changes of the program's own lines, as a patch that `git apply` takes. Of two changes of one line the first stands.

use std::io::Write;

use super::changes::first_change;
use super::{Options, Output, Readings};
use crate::diagnose::Diagnosis;
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "patch",
    about: "The changes of the program's own lines, with --repo-root, for `git apply`",
    write,
    streams: false,
    follows: false,
    readings: Readings::Nothing,
};

/// Writes the changes of these diagnoses; nothing where there is none.
pub fn write(diagnoses: &[Diagnosis], _: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let failures = diagnoses.iter().flat_map(|diagnosis| &diagnosis.incidents);
    let mut lines = Vec::new();
    for clue in failures.filter_map(first_change) {
        let line = (clue.path.as_str(), clue.line);
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        let diff = clue.diff().unwrap_or_default();
        out.write_all(diff.as_bytes()).map_err(Error::Write)?;
    }
    Ok(())
}

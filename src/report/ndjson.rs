//! One failure a line: the objects of `incidents` in the JSON report, each written as soon as it is found. No head and no
//! last line, so that the outputs of many runs can be joined; what was read in whole or in part, the exit code tells.

use std::io::Write;

use serde::Serialize;

use super::indented::OneLine;
use super::{Options, Output, json};
use crate::diagnose::Diagnosis;
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "ndjson",
    about: "One failure a line, as found; the objects of `incidents` in `json`",
    write,
    streams: true,
};

/// Writes each failure and hands it on at once.
fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    for explained in diagnoses.iter().flat_map(|d| &d.incidents) {
        let mut serializer = serde_json::Serializer::with_formatter(&mut *out, OneLine);
        json::incident(explained, options)
            .serialize(&mut serializer)
            .map_err(|e| Error::Write(e.into()))?;
        out.write_all(b"\n")
            .and_then(|()| out.flush())
            .map_err(Error::Write)?;
    }
    Ok(())
}

//! The reports of a program that was run: on standard error, in files, and in the folder that keeps all of it.

use std::io::{self, Write};
use std::path::Path;
use std::slice;

use super::reports::Chosen;
use super::whole_file::WholeFile;
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;
use crate::evidence::{Memory, Watched};
use crate::report::{self, Options};
use crate::run;

/// The format to which is added what the GPUs did.
const TERMINAL: &str = "terminal";

/// What there is to report.
pub(super) struct After<'a> {
    pub(super) watched: &'a Watched,
    pub(super) diagnosis: &'a Diagnosis,
}

impl After<'_> {
    /// Says on standard error why memory ran out, where it did.
    pub(super) fn say(&self, chosen: &[Chosen], options: &Options) -> Result<(), Error> {
        let said = chosen.iter().find(|chosen| chosen.path.is_none());
        let Some(chosen) = said.filter(|_| !self.diagnosis.incidents.is_empty()) else {
            return Ok(());
        };
        let text = self.text(chosen, options)?;
        let mut err = io::stderr().lock();
        // Where standard error is closed there is nobody to tell.
        let _ = err.write_all(b"\n").and_then(|()| err.write_all(&text));
        Ok(())
    }

    /// Writes the files. One that cannot be written is said, and changes nothing: the program has run.
    pub(super) fn write(&self, chosen: &[Chosen], options: &Options) {
        for chosen in chosen {
            let Some(path) = &chosen.path else { continue };
            let written = self.text(chosen, options).and_then(|text| {
                let mut file = WholeFile::create(path)?;
                file.add(|out| out.write_all(&text).map_err(Error::Write))?;
                file.finish()
            });
            if let Err(error) = written {
                super::complain(&error.to_string());
            }
        }
    }

    /// Keeps the report in a folder: for people, for programs, and as a patch.
    pub(super) fn keep(&self, folder: &Path, options: &Options) -> Result<(), Error> {
        let diagnoses = slice::from_ref(self.diagnosis);
        let mut json = Vec::new();
        report::json::write(diagnoses, options, &mut json)?;
        let mut changes = Vec::new();
        report::patch::write(diagnoses, options, &mut changes)?;
        let text = self.in_words(options)?;
        for (name, bytes) in [("report.txt", &text), ("report.json", &json)] {
            keep(&folder.join(name), bytes);
        }
        if !changes.is_empty() {
            keep(&folder.join("changes.patch"), &changes);
        }
        Ok(())
    }

    fn text(&self, chosen: &Chosen, options: &Options) -> Result<Vec<u8>, Error> {
        if chosen.output.name == TERMINAL {
            return self.in_words(options);
        }
        let mut text = Vec::new();
        (chosen.output.write)(slice::from_ref(self.diagnosis), options, &mut text)?;
        Ok(text)
    }

    /// The report for people: the failure, and what the GPUs did meanwhile. Nothing where nothing failed.
    fn in_words(&self, options: &Options) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        if self.diagnosis.incidents.is_empty() {
            return Ok(text);
        }
        report::terminal::write(slice::from_ref(self.diagnosis), options, &mut text)?;
        let first = self.diagnosis.incidents.first().map(|e| &e.incident);
        let device = first.and_then(|incident| incident.device);
        let at = first.and_then(|incident| incident.at_failure.as_ref());
        let seen = report::watched::watched(self.watched, device, at, &options.look);
        if !seen.is_empty() {
            text.push(b'\n');
            text.extend_from_slice(seen.as_bytes());
        }
        let of_a_gpu = |e: &Explained| e.incident.memory == Memory::Device;
        if let Some(problem) = &self.watched.problem
            && self.diagnosis.incidents.iter().any(of_a_gpu)
        {
            let words = report::watched::unwatched(problem, &options.look);
            text.push(b'\n');
            text.extend_from_slice(words.as_bytes());
        }
        Ok(text)
    }
}

/// Keeps a file of the report; a failure to do so is said, and changes nothing.
fn keep(path: &Path, bytes: &[u8]) {
    let written = run::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.flush()
    });
    if let Err(error) = written {
        super::complain(&format!("cannot write `{}`: {error}", path.display()));
    }
}

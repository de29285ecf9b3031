//! The reports of one run: in several formats at once, one to a standard stream and the others into files.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};

use super::whole_file::WholeFile;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Series;
use crate::report::{self, Look, Options, Output, Readings};

/// One report that was asked for: `json`, or `json=report.json`.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) output: &'static Output,
    /// The file; `None` for the standard stream.
    pub(super) path: Option<PathBuf>,
}

/// Reads `FORMAT` and `FORMAT=PATH` from the command line.
#[derive(Clone)]
pub(super) struct Formats;

impl TypedValueParser for Formats {
    type Value = Chosen;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Chosen, clap::Error> {
        let (name, path) = split(value);
        let names = PossibleValuesParser::new(values());
        let name = names.parse_ref(command, arg, &name)?;
        let output = report::output(&name);
        let output =
            output.ok_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue))?;
        Ok(Chosen { output, path })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(values()))
    }
}

fn values() -> impl Iterator<Item = PossibleValue> {
    let formats = report::ALL.iter();
    formats.map(|format| PossibleValue::new(format.name).help(format.about))
}

/// The format, and the file behind the first sign of equality. `-` and nothing mean the standard stream, as elsewhere.
fn split(value: &OsStr) -> (OsString, Option<PathBuf>) {
    #[cfg(unix)]
    let pair = {
        use std::os::unix::ffi::OsStrExt;
        let mut parts = value.as_bytes().splitn(2, |b| *b == b'=');
        let mut part = || parts.next().map(OsStr::from_bytes);
        part().zip(part())
    };
    #[cfg(not(unix))]
    let pair = {
        let pair = value.to_str().and_then(|text| text.split_once('='));
        pair.map(|(name, path)| (OsStr::new(name), OsStr::new(path)))
    };
    let (name, path) = pair.unwrap_or((value, OsStr::new("")));
    let path = Some(path).filter(|path| !path.is_empty() && *path != "-");
    (name.to_owned(), path.map(PathBuf::from))
}

/// Wrong use where two reports would mix: on the standard stream, or in one file.
pub(super) fn check(chosen: &[Chosen], stream: &str) -> Result<(), Error> {
    let place = |chosen: &Chosen| chosen.path.as_deref().map(place);
    for (at, one) in chosen.iter().enumerate() {
        let earlier = chosen.iter().take(at);
        let Some(other) = earlier.into_iter().find(|o| place(o) == place(one)) else {
            continue;
        };
        let (first, second) = (other.output.name, one.output.name);
        let reason = match &one.path {
            None => format!(
                "`{first}` and `{second}` would both go to {stream}; give one of them a file, as in `{first}=PATH`"
            ),
            Some(path) => {
                format!(
                    "`{first}` and `{second}` would both go to `{}`",
                    path.display()
                )
            }
        };
        return Err(Error::Setting {
            place: "--format".to_owned(),
            reason,
        });
    }
    Ok(())
}

/// True for a file into which a report goes: one of an earlier run is no log.
pub(super) fn is_report(chosen: &[Chosen], path: &Path) -> bool {
    let files = chosen.iter().filter_map(|chosen| chosen.path.as_deref());
    files.into_iter().any(|file| place(file) == place(path))
}

/// The same for all names of a file that is there, or whose folder is.
fn place(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// A report that is being written.
pub(super) struct Report {
    output: &'static Output,
    look: Look,
    to: To,
}

/// Where a report goes.
enum To {
    Stdout,
    File(WholeFile),
    /// Nobody reads standard output any more.
    Nobody,
}

/// All reports of a run.
pub(super) struct Reports {
    all: Vec<Report>,
    /// True where those that can be written as the inputs are read are written so.
    at_once: bool,
}

impl Reports {
    /// Opens the files, so that a path that cannot be written is known before anything is read. `look` is how a report looks on
    /// standard output and in a file.
    pub(super) fn open(
        chosen: &[Chosen],
        (quiet, growing): (bool, bool),
        [on_stdout, in_file]: [Look; 2],
    ) -> Result<Self, Error> {
        check(chosen, "standard output")?;
        let mut all = Vec::new();
        for Chosen { output, path } in chosen {
            let (look, to) = match path {
                None if quiet => continue,
                None => (on_stdout.clone(), To::Stdout),
                Some(path) if growing => (in_file.clone(), To::File(WholeFile::growing(path)?)),
                Some(path) => (in_file.clone(), To::File(WholeFile::create(path)?)),
            };
            all.push(Report { output, look, to });
        }
        Ok(Self {
            all,
            at_once: false,
        })
    }

    /// The same, where reports that need not wait for the others are written at once.
    pub(super) fn at_once(mut self, at_once: bool) -> Self {
        self.at_once = at_once;
        self
    }

    /// True where nobody wants any.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// True where one is in this format.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|report| report.output.name == name)
    }

    /// True where each is written as soon as an input is read.
    pub(super) fn stream(&self) -> bool {
        self.all.iter().all(|report| self.streams(report))
    }

    /// True where some are.
    pub(super) fn some_stream(&self) -> bool {
        self.all.iter().any(|report| self.streams(report))
    }

    fn streams(&self, report: &Report) -> bool {
        self.at_once && report.output.streams
    }

    /// False once nobody reads any of them.
    pub(super) fn heard(&self) -> bool {
        let unheard = |report: &Report| matches!(report.to, To::Nobody);
        self.all.is_empty() || !self.all.iter().all(unheard)
    }

    /// The points of a series that one of these shows, by their places.
    pub(super) fn points(
        needed: &[(Readings, Look)],
        series: &Series,
        capacity: Option<u64>,
    ) -> Vec<usize> {
        let each = needed.iter();
        let points = each.flat_map(|(readings, look)| readings.points(series, look, capacity));
        let mut points: Vec<usize> = points.collect();
        points.sort_unstable();
        points.dedup();
        points
    }

    /// What they show of the readings.
    pub(super) fn readings(&self) -> Vec<(Readings, Look)> {
        let each = self.all.iter();
        let readings = each.map(|report| (report.output.readings, report.look.clone()));
        let shown = readings.filter(|(readings, _)| !matches!(readings, Readings::Nothing));
        shown.collect()
    }

    /// Writes what needs no other input.
    pub(super) fn write_at_once(
        &mut self,
        diagnoses: &[Diagnosis],
        options: &Options,
    ) -> Result<(), Error> {
        self.write(true, diagnoses, options)
    }

    /// Writes all that was not written at once.
    pub(super) fn write_rest(
        &mut self,
        diagnoses: &[Diagnosis],
        options: &Options,
    ) -> Result<(), Error> {
        self.write(false, diagnoses, options)
    }

    /// Writes those that need no other input, or those that do.
    fn write(
        &mut self,
        early: bool,
        diagnoses: &[Diagnosis],
        options: &Options,
    ) -> Result<(), Error> {
        let at_once = self.at_once;
        let those = self.all.iter_mut();
        let mut those = those.filter(|report| (at_once && report.output.streams) == early);
        those.try_for_each(|report| report.write(diagnoses, options))
    }

    /// Writes one of several reports that follow each other, and hands it on.
    #[cfg(unix)]
    pub(super) fn write_more(
        &mut self,
        diagnoses: &[Diagnosis],
        options: &Options,
        first: bool,
    ) -> Result<(), Error> {
        for report in &mut self.all {
            // Between reports for people stands an empty line; `ndjson` has one a line.
            report.write_behind(diagnoses, options, !first && !report.output.streams)?;
            if let To::File(file) = &mut report.to {
                file.flush()?;
            }
        }
        Ok(())
    }

    /// Moves the files to their places.
    pub(super) fn finish(self) -> Result<(), Error> {
        let files = self.all.into_iter().map(|report| match report.to {
            To::File(file) => file.finish(),
            To::Stdout | To::Nobody => Ok(()),
        });
        files.collect()
    }
}

impl Report {
    fn write(&mut self, diagnoses: &[Diagnosis], options: &Options) -> Result<(), Error> {
        self.write_behind(diagnoses, options, false)
    }

    fn write_behind(
        &mut self,
        diagnoses: &[Diagnosis],
        options: &Options,
        gap: bool,
    ) -> Result<(), Error> {
        let options = match &self.to {
            To::File(_) => Cow::Owned(Options {
                look: self.look.clone(),
                ..options.clone()
            }),
            To::Stdout | To::Nobody => Cow::Borrowed(options),
        };
        let output = self.output;
        let text = |out: &mut dyn std::io::Write| {
            if gap {
                out.write_all(b"\n").map_err(Error::Write)?;
            }
            (output.write)(diagnoses, &options, out)
        };
        match &mut self.to {
            To::Stdout if !super::write(text)? => self.to = To::Nobody,
            To::Stdout | To::Nobody => {}
            To::File(file) => file.add(text)?,
        }
        Ok(())
    }
}

//! What makes a run fail: which failures count, which were known before, and how much room must be left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::exit::Exit;
use crate::bytes::{self, Bytes};
use crate::compare::margin::{Room, room};
use crate::compare::{Compared, Gate, Kind, Since, since};
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;
use crate::findings::Cause;
use crate::input::{self, Control, Part, Source};
use crate::report::fingerprint;

/// What counts for the exit code.
#[derive(Args)]
#[command(next_help_heading = "CI")]
pub(super) struct GateArgs {
    /// What fails the run: any failure, device (GPU memory), a cause; also caught failures, a SIGKILL without a reason (killed), a `--margin` that was not kept (margin)
    #[arg(long, value_name = "WHAT", value_delimiter = ',', default_value = "any", value_parser = kinds())]
    fail_on: Vec<String>,
    /// Exit with 0 instead of 1 if a failure was found
    #[arg(long)]
    exit_zero: bool,
    /// Failures of an earlier run do not count: its JSON report, or a list of fingerprints
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Warn if readings came this close to the size of the card though nothing failed
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    margin: Option<u64>,
    /// The size of the card for `--margin`, if the log does not tell it
    #[arg(long, value_name = "SIZE", value_parser = size)]
    total: Option<Bytes>,
    /// Show what changed in memory terms against a run that passed
    #[arg(long, value_name = "LOG")]
    since: Option<PathBuf>,
}

fn kinds() -> PossibleValuesParser {
    let words = Kind::OWN.into_iter().chain(Cause::ALL.map(Kind::Cause));
    PossibleValuesParser::new(words.map(Kind::name))
}

/// "5%" or "2.5", in hundredths of a percent.
fn percent(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let read = bytes::digits(number).and_then(|(digits, decimals)| {
        let hundredths = digits.checked_mul(100)? / 10u64.checked_pow(decimals)?;
        (hundredths <= 10_000).then_some(hundredths)
    });
    read.ok_or_else(|| "a share of the card is meant, from 0% to 100%".to_owned())
}

/// "24GiB", "80 GB" (powers of 1024, as tools for GPUs print them).
fn size(text: &str) -> Result<Bytes, String> {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let read = text
        .split_at_checked(split)
        .and_then(|(number, unit)| bytes::parse(number.trim(), unit.trim()));
    let read = read.filter(|size| size.low() > 0);
    read.map(|size| Bytes::exact(size.mid()))
        .ok_or_else(|| "a size with its unit is meant, as in 24GiB".to_owned())
}

impl GateArgs {
    /// True where the report of a failure says whether it was known before.
    pub(super) fn marks_failures(&self) -> bool {
        self.baseline.is_some()
    }

    /// True where the inputs are set against something once all are read.
    pub(super) fn compares(&self) -> bool {
        self.margin.is_some() || self.since.is_some()
    }

    /// What an earlier run knew.
    pub(super) fn known(&self) -> Result<Compared, Error> {
        let kinds = self.fail_on.iter().filter_map(|name| Kind::of(name));
        let gate = Gate(kinds.collect());
        if gate.counts_margin() && self.margin.is_none() {
            return Err(Error::Setting {
                place: "--fail-on margin".to_owned(),
                reason: "a `--margin PERCENT` is needed, or nothing could fail".to_owned(),
            });
        }
        Ok(Compared {
            gate,
            known: self.baseline.as_deref().map(known).transpose()?,
            ..Compared::default()
        })
    }

    /// Sets the inputs against what was asked for. What could not be done is said to `complain`.
    pub(super) fn compare(
        &self,
        compared: &mut Compared,
        diagnoses: &[Diagnosis],
        read: &dyn Fn(&Path) -> Result<Diagnosis, Error>,
        complain: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        for diagnosis in diagnoses {
            match self.room(diagnosis) {
                Room::Near(near) => compared.near.push(near),
                Room::SizeUnknown => {
                    compared.margin_unknown = true;
                    complain(&size_unknown(&diagnosis.source));
                }
                Room::Enough | Room::NothingToSay => {}
            }
        }
        if let Some(path) = &self.since {
            let good = read(path)?;
            if let Some(problem) = &good.problem {
                complain(&format!(
                    "`{}` was not read to its end: {problem}; nothing is compared with it",
                    good.source
                ));
                compared.since_unread = true;
                return Ok(());
            }
            if !good.incidents.is_empty() {
                complain(&format!(
                    "`{}` is no run that passed: it holds a failure too",
                    good.source
                ));
            }
            let changes = diagnoses.iter().flat_map(|now| since::since(&good, now));
            compared.since = Some(Since {
                changes: changes.collect(),
                good: good.source.clone(),
            });
        }
        Ok(())
    }

    /// What the readings of an input say of the room that was left; nothing where that is not asked for.
    pub(super) fn room(&self, diagnosis: &Diagnosis) -> Room {
        let asked = self.margin;
        asked.map_or(Room::NothingToSay, |margin| {
            room(diagnosis, margin, self.total)
        })
    }

    /// True where that is asked for.
    #[cfg(unix)]
    pub(super) fn asks_room(&self) -> bool {
        self.margin.is_some()
    }

    /// How the run ends.
    pub(super) fn exit(&self, diagnoses: &[Diagnosis], compared: &Compared) -> Exit {
        let known = |e: &Explained| compared.knows(&fingerprint(e)) == Some(true);
        let mut failures = diagnoses.iter().flat_map(|d| &d.incidents);
        let found = failures.any(|e| compared.gate.counts(e) && !known(e));
        let near = compared.gate.counts_margin() && !compared.near.is_empty();
        let found = found || near;
        let exit = Exit::of(diagnoses, found && !self.exit_zero);
        // A gate does not pass on what it could not measure.
        let unmeasured = compared.gate.counts_margin() && compared.margin_unknown;
        if compared.since_unread || unmeasured {
            exit.or(Exit::PARTIAL)
        } else {
            exit
        }
    }
}

/// What is said of an input whose readings cannot be set against anything.
pub(super) fn size_unknown(source: &str) -> String {
    format!("`{source}` does not tell the size of the card, so its margin is unknown; give --total")
}

/// How many bytes of a baseline are read: far more fingerprints than any CI has failures.
const LARGEST: usize = 256 << 20;

/// The fingerprints of an earlier run.
fn known(path: &Path) -> Result<BTreeSet<String>, Error> {
    let text = whole(path)?;
    let wrong = |reason: String| Error::Setting {
        place: path.to_string_lossy().into_owned(),
        reason,
    };
    let start = text.trim_start().bytes().next();
    if matches!(start, Some(b'{' | b'[')) {
        let mut known = BTreeSet::new();
        // One report, or one failure a line.
        for value in serde_json::Deserializer::from_slice(text.as_bytes()).into_iter() {
            let value: serde_json::Value = value.map_err(|e| wrong(format!("no baseline: {e}")))?;
            gather(&value, &mut known);
        }
        return Ok(known);
    }
    let mut known = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let word = line.split('#').next().unwrap_or("").trim();
        if is_fingerprint(word) {
            known.insert(word.to_owned());
        } else if !word.is_empty() {
            return Err(wrong(format!(
                "line {number} is no fingerprint: 32 hexadecimal digits are meant"
            )));
        }
    }
    Ok(known)
}

fn is_fingerprint(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Fingerprints, as the values of that name in reports and as the members of a list.
fn gather(value: &serde_json::Value, into: &mut BTreeSet<String>) {
    use serde_json::Value;
    match value {
        Value::Array(members) => {
            let words = members.iter().filter_map(Value::as_str);
            into.extend(words.filter(|w| is_fingerprint(w)).map(str::to_owned));
            for member in members {
                gather(member, into);
            }
        }
        Value::Object(fields) => {
            let named = fields.get("fingerprint").and_then(Value::as_str);
            into.extend(named.map(str::to_owned));
            for field in fields.values() {
                gather(field, into);
            }
        }
        _ => {}
    }
}

/// The whole text of a small file.
pub(super) fn whole(path: &Path) -> Result<String, Error> {
    let mut text = Vec::new();
    let mut problem = None;
    let source = Source::File(path.to_owned());
    input::read(&source, &Control::default(), &mut |part| match part {
        Part::Text(chunk) if text.len() < LARGEST => text.extend_from_slice(chunk),
        Part::Ends(outcome) => problem = problem.take().or(outcome.problem),
        Part::Begins(_) | Part::Text(_) => {}
    })?;
    match problem {
        Some(problem) => Err(Error::Read {
            source: path.to_string_lossy().into_owned(),
            reason: std::io::Error::other(problem),
        }),
        None => Ok(String::from_utf8_lossy(&text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_with_and_without_its_sign() {
        assert_eq!(percent("5%"), Ok(500));
        assert_eq!(percent("2.5"), Ok(250));
        assert!(percent("120%").is_err());
        assert!(percent("-1").is_err());
        assert!(percent("").is_err());
    }

    #[test]
    fn a_size_needs_its_unit() {
        assert_eq!(size("24GiB").unwrap().mid(), 24 * bytes::GIB);
        assert_eq!(size("1.5 TB").unwrap().mid(), 1536 * bytes::GIB);
        assert!(size("24").is_err());
        assert!(size("0GiB").is_err());
    }

    #[test]
    fn fingerprints_are_found_in_reports_and_lists() {
        let first = "0".repeat(32);
        let second = "a".repeat(32);
        let report =
            serde_json::json!({"incidents": [{"fingerprint": first}], "more": [second, "x"]});
        let mut known = BTreeSet::new();
        gather(&report, &mut known);
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [first, second]);
    }
}

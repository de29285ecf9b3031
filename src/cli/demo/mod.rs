//! `whyoom demo`: what reports look like, on logs of a real card that are built in.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::error::Error;
use crate::findings::Cause;
use crate::report::catalogue::{self, Entry};
use crate::report::{self, Options};

/// A built-in log: what an H200 printed, as `fixtures/cases` has it too.
struct Case {
    name: &'static str,
    family: Cause,
    about: &'static str,
    log: &'static str,
}

/// A case whose log stands beside this file.
macro_rules! case {
    ($family:ident, $name:literal, $about:literal) => {
        Case {
            name: $name,
            family: Cause::$family,
            about: $about,
            log: include_str!(concat!($name, ".log")),
        }
    };
}

/// All of them, by family; the first is the one that is shown unasked.
static CASES: [Case; 11] = [
    case!(
        Fragmentation,
        "fragmentation",
        "Enough memory is idle, in pieces"
    ),
    case!(
        Fragmentation,
        "private-pools",
        "CUDA graphs keep memory to themselves"
    ),
    case!(
        Exhaustion,
        "activations",
        "A batch is too large for the forward pass"
    ),
    case!(Exhaustion, "kv-cache", "A cache grows with each token"),
    case!(Leak, "kept-graph", "Losses are collected with their graphs"),
    case!(Leak, "hooks", "Hooks keep what passes through them"),
    case!(
        Contention,
        "contention",
        "The GPU was full before the program began"
    ),
    case!(Contention, "ranks", "Several ranks sit on one GPU"),
    case!(Cap, "cap", "The program set itself a limit"),
    case!(
        Oversized,
        "oversized",
        "A wrong shape asks for hundreds of GiB"
    ),
    case!(
        HostMemory,
        "shm",
        "The shared memory of the workers is full"
    ),
];

/// Show a report on a built-in log, and list the others
#[derive(Args)]
pub(super) struct Demo {
    /// Which log
    #[arg(value_parser = PossibleValuesParser::new(CASES.iter().map(|c| PossibleValue::new(c.name).help(c.about))))]
    case: Option<String>,
    /// Print the log itself
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    look: LookArgs,
}

impl Demo {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let asked = self.case.as_deref();
        let Some(case) = CASES
            .iter()
            .find(|c| asked.is_none_or(|name| name == c.name))
        else {
            return Ok(Exit::WRONG);
        };
        if self.log {
            super::print(case.log.as_bytes())?;
            return Ok(Exit::CLEAN);
        }
        let options = Options {
            look: environment.look(&self.look),
            ..Options::default()
        };
        let diagnosis = crate::diagnose(&format!("{}.log", case.name), case.log.as_bytes());
        let mut text = Vec::new();
        report::terminal::write(&[diagnosis], &options, &mut text)?;
        if asked.is_none() {
            let entry = |case: &Case| Entry {
                id: case.name,
                of: Some(case.family.name()),
                title: case.about.to_owned(),
            };
            let cases: Vec<Entry> = CASES.iter().map(entry).collect();
            text.extend_from_slice(
                b"\nMore logs of a real card (`whyoom demo CASE`; `--log` prints the log):\n\n",
            );
            text.extend_from_slice(catalogue::table(&cases, &options.look).as_bytes());
        }
        super::print(&text)?;
        Ok(Exit::CLEAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_fails_as_its_family_says() {
        for case in &CASES {
            let diagnosis = crate::diagnose(case.name, case.log.as_bytes());
            let first = &diagnosis.incidents[0].causes[0];
            assert_eq!(first.finding.cause, case.family, "{}", case.name);
        }
    }
}

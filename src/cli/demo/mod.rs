//! `whyoom demo`: what a report looks like, on logs that are built in.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::error::Error;
use crate::report::{self, Options};

/// A built-in log. The figures are made up; the wording is that of `PyTorch` 2.10.
struct Case {
    name: &'static str,
    about: &'static str,
    log: &'static str,
}

/// All of them; the first is the one that is shown unasked.
static CASES: [Case; 2] = [
    Case {
        name: "fragmentation",
        about: "Enough memory is there, in pieces",
        log: include_str!("fragmentation.log"),
    },
    Case {
        name: "contention",
        about: "Another process holds the GPU",
        log: include_str!("contention.log"),
    },
];

/// Show a report on a built-in log
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
        super::print(&text)?;
        Ok(Exit::CLEAN)
    }
}

//! `whyoom list`: what the program knows.

use clap::{Args, ValueEnum};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::diagnose::{Listed, Rules};
use crate::error::Error;
use crate::report::catalogue;

/// List the messages that are read, the causes that are told apart, or the fixes that are known
#[derive(Args)]
pub(super) struct List {
    /// Which list
    what: What,
    /// How to write it
    #[arg(long, short, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Messages that are read
    #[value(alias = "messages")]
    Formats,
    /// Findings, by cause
    Causes,
    /// Fixes
    Fixes,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table
    Terminal,
    /// An array of objects with `id`, `of` and `title`
    Json,
}

impl What {
    /// The user's own, by the same names as in reports.
    fn own(self, rules: &Rules) -> Vec<catalogue::Entry> {
        let all = rules.listed().iter();
        let wanted = all.filter(|listed| match self {
            Self::Formats => listed.message,
            Self::Causes => listed.cause.is_some(),
            Self::Fixes => listed.fix,
        });
        let entry = |listed: &Listed| catalogue::Entry {
            id: listed.id,
            of: match self {
                Self::Formats => listed.program,
                Self::Causes => listed.cause,
                Self::Fixes => None,
            },
            title: listed.title.clone(),
        };
        wanted.map(entry).collect()
    }
}

impl List {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let mut entries = match self.what {
            What::Formats => catalogue::formats(),
            What::Causes => catalogue::causes(),
            What::Fixes => catalogue::fixes(),
        };
        entries.extend(self.what.own(environment.custom.rules()));
        let text = match self.format {
            Format::Terminal => catalogue::table(&entries, &environment.look(&self.look)),
            Format::Json => catalogue::json(&entries)?,
        };
        super::print(text.as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

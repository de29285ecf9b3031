//! `whyoom schema`: the contract of what is printed as JSON.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use crate::error::Error;
use crate::inside;
use crate::report::{json, live};

/// Print the JSON Schema of `--format json`
#[derive(Args)]
pub(super) struct Schema {
    /// Of which command
    #[arg(value_enum, default_value_t = Of::Report)]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Of a report; a line of `ndjson` is one of its `incidents`
    Report,
    /// Of `whyoom live`
    Live,
    /// Of the file that says what a Python process held
    Census,
}

impl Schema {
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let schema = match self.of {
            Of::Report => json::schema(),
            Of::Live => live::schema(),
            Of::Census => inside::schema(),
        };
        super::print((schema + "\n").as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

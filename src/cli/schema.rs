//! `whyoom schema`: the contract of the JSON report.

use clap::Args;

use super::exit::Exit;
use crate::error::Error;

/// Print the JSON Schema of `--format json`
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every command runs the same way")]
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let schema = crate::report::json::schema() + "\n";
        super::print(schema.as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

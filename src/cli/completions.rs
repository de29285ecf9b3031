//! `whyoom completions`: the command line, for shells to complete.

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use super::exit::Exit;
use crate::error::Error;
use crate::report::catalogue;

/// Print completions for a shell
#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let mut script = Vec::new();
        // Other words are understood too, so that only a shell is told the ids.
        let ids = PossibleValuesParser::new(catalogue::ids());
        let mut command = super::command_line().mut_subcommand("explain", |explain| {
            explain.mut_arg("id", |id| id.value_parser(ids))
        });
        clap_complete::generate(self.shell, &mut command, "whyoom", &mut script);
        super::print(&script)?;
        Ok(Exit::CLEAN)
    }
}

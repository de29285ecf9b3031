//! `whyoom completions`: the command line, for shells to complete.

use clap::Args;
use clap_complete::Shell;

use super::exit::Exit;
use crate::error::Error;

/// Print completions for a shell
#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut super::command_line(),
            "whyoom",
            &mut script,
        );
        super::print(&script)?;
        Ok(Exit::CLEAN)
    }
}

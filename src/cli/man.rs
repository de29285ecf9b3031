//! `whyoom man`: the manual page.

use clap::Args;

use super::exit::Exit;
use crate::error::Error;

/// Print the manual page, for `man -l -`
#[derive(Args)]
pub(super) struct Man {}

impl Man {
    #[expect(clippy::unused_self, reason = "every command runs the same way")]
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let mut page = Vec::new();
        clap_mangen::Man::new(super::command_line())
            .render(&mut page)
            .map_err(Error::Write)?;
        super::print(&page)?;
        Ok(Exit::CLEAN)
    }
}

//! `whyoom explain`: the page of a cause, a finding or a fix.

use clap::Args;

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::error::Error;
use crate::report::{self, catalogue};

/// Explain a cause, a finding or a fix; without an id, list them
#[derive(Args)]
pub(super) struct Explain {
    /// The id, as a report or `whyoom list` names it; `record` tells how to record a memory snapshot
    id: Option<String>,
    #[command(flatten)]
    look: LookArgs,
}

impl Explain {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let look = environment.look(&self.look);
        let text = match &self.id {
            Some(id) => report::page(&catalogue::page(id)?, &look),
            None => format!(
                "{}\n{}",
                catalogue::table(&catalogue::causes(), &look),
                catalogue::table(&catalogue::fixes(), &look)
            ),
        };
        super::print(text.as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

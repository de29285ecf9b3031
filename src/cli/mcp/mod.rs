//! `whyoom mcp`: the program as tools for an agent, by the Model Context Protocol over standard input and output.

mod answer;
mod calls;
mod tools;

use std::io::{IsTerminal, stdin};
use std::time::Duration;

use clap::Args;
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio;

use super::environment::Environment;
use super::exit::Exit;
use super::live::ProbeArgs;
use crate::error::Error;
use tools::Tools;

/// Serve tools to an agent: diagnose, snapshot, live, explain (Model Context Protocol on standard input and output)
#[derive(Args)]
pub(super) struct Mcp {
    // Clients give up after 60 seconds (the protocol's SDK for TypeScript, `DEFAULT_REQUEST_TIMEOUT_MSEC`).
    /// Stop reading after so many seconds, and answer with what was read by then
    #[arg(long, value_name = "SECS", default_value_t = 45)]
    within: u64,
    #[command(flatten)]
    probe: ProbeArgs,
}

impl Mcp {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        if stdin().is_terminal() {
            super::complain(
                "this is for an agent's list of servers, and waits for its messages; Ctrl-C ends it",
            );
        }
        let tools = Tools::new(environment, &self.probe, Duration::from_secs(self.within));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Write)?;
        let ended = runtime.block_on(async {
            let served = match tools.serve(stdio()).await {
                Ok(served) => served,
                // The client left before it said anything.
                Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(Exit::CLEAN),
                Err(error) => return Err(failed(&error)),
            };
            served.waiting().await.map_err(|e| failed(&e))?;
            Ok(Exit::CLEAN)
        });
        // Nobody is left to hear an answer: calls that are still worked on end with the program.
        runtime.shutdown_background();
        ended
    }
}

fn failed(error: &dyn std::error::Error) -> Error {
    Error::Write(std::io::Error::other(error.to_string()))
}

//! `whyoom mcp`: the program as tools for an agent, by the Model Context Protocol over standard input and output.

mod answer;
mod tools;

use clap::Args;
use rmcp::ServiceExt;
use rmcp::transport::stdio;

use super::environment::Environment;
use super::exit::Exit;
use super::live::ProbeArgs;
use crate::error::Error;
use tools::Tools;

/// Serve tools to an agent: diagnose, snapshot, live, explain (Model Context Protocol on standard input and output)
#[derive(Args)]
pub(super) struct Mcp {
    #[command(flatten)]
    probe: ProbeArgs,
}

impl Mcp {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let tools = Tools::new(environment, &self.probe);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.map_err(Error::Write)?.block_on(async {
            let served = tools.serve(stdio()).await.map_err(|e| failed(&e))?;
            served.waiting().await.map_err(|e| failed(&e))?;
            Ok(Exit::CLEAN)
        })
    }
}

fn failed(error: &dyn std::error::Error) -> Error {
    Error::Write(std::io::Error::other(error.to_string()))
}

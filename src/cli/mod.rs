//! The program: arguments, environment, terminal, exit codes. One file a command.

mod completions;
mod demo;
mod diagnose;
mod environment;
pub mod exit;
mod explain;
mod gates;
mod job_page;
mod list;
mod live;
mod man;
mod schema;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::Error;
use environment::Environment;
use exit::Exit;

/// Tells why a GPU ran out of memory, with the arithmetic, and what to change
///
/// Give it what you have: a pasted error message, a traceback, a log, a folder of logs.
#[derive(Parser)]
#[command(name = "whyoom", version, after_help = exit::HELP, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    diagnose: diagnose::Diagnose,
}

#[derive(Subcommand)]
enum Command {
    Live(live::Live),
    Explain(explain::Explain),
    List(list::List),
    Demo(demo::Demo),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The command line as clap sees it, for completions and the manual.
fn command_line() -> clap::Command {
    Cli::command()
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output and ends well; wrong use does neither.
            let wrong = error.use_stderr();
            let _ = error.print();
            return if wrong { Exit::WRONG } else { Exit::CLEAN }.into();
        }
    };
    match cli.run(&Environment::read()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error.to_string());
            Exit::WRONG.into()
        }
    }
}

impl Cli {
    fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        match &self.command {
            None => self.diagnose.run(environment),
            Some(Command::Live(live)) => live.run(environment),
            Some(Command::Explain(explain)) => explain.run(environment),
            Some(Command::List(list)) => list.run(environment),
            Some(Command::Demo(demo)) => demo.run(environment),
            Some(Command::Schema(schema)) => schema.run(),
            Some(Command::Completions(completions)) => completions.run(),
            Some(Command::Man(man)) => man.run(),
        }
    }
}

/// Prints to standard output. A reader that went away, as `head` does, is no error: it has what it wanted.
fn print(text: &[u8]) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Write(error)),
        _ => Ok(()),
    }
}

/// Says something on standard error. Where that is closed there is nobody to tell.
fn complain(words: &str) {
    let words = crate::report::sanitize::visible(words);
    let _ = writeln!(std::io::stderr().lock(), "whyoom: {words}");
}

//! The program: arguments, environment, terminal, exit codes. One file a command.

#[cfg(unix)]
mod after_run;
mod check_config;
mod completions;
mod config;
mod demo;
mod desk;
mod diagnose;
mod diff;
mod environment;
pub(crate) mod exit;
mod explain;
#[cfg(unix)]
mod follow;
mod gates;
mod inputs;
mod inside;
mod interrupt;
mod job_page;
mod links;
mod list;
mod live;
mod man;
#[cfg(feature = "mcp")]
mod mcp;
mod nearest;
mod patterns;
mod progress;
mod records;
mod reports;
#[cfg(unix)]
mod retries;
mod rules;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod run_names;
mod schema;
mod short_help;
mod whole_file;

use std::ffi::OsString;
use std::io::{BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::Error;
#[doc(hidden)]
pub use config::settings;
use environment::Environment;
use exit::Exit;

/// Tells why a GPU ran out of memory, with the arithmetic, and what to change
///
/// Give it what you have: a pasted error message, a traceback, a log, a folder or an archive of logs.
#[derive(Parser)]
#[command(name = "whyoom", version, after_help = exit::HELP, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    diagnose: diagnose::Diagnose,
    #[command(flatten)]
    config: config::ConfigArgs,
}

#[derive(Subcommand)]
enum Command {
    Live(live::Live),
    #[cfg(unix)]
    Run(run::Run),
    Diff(diff::Diff),
    Explain(explain::Explain),
    List(list::List),
    Demo(demo::Demo),
    Inside(inside::Inside),
    Schema(schema::Schema),
    CheckConfig(check_config::CheckConfig),
    Completions(completions::Completions),
    Man(man::Man),
    #[cfg(feature = "mcp")]
    Mcp(mcp::Mcp),
}

/// The command line as clap sees it, for completions and the manual.
fn command_line() -> clap::Command {
    Cli::command()
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if short_help::asked(&arguments) {
        return match print(short_help::TEXT.as_bytes()) {
            Ok(_) => Exit::CLEAN.into(),
            Err(_) => Exit::WRONG.into(),
        };
    }
    let matches = match Cli::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error).into(),
    };
    let mut environment = Environment::read();
    let settled = config::settle(&arguments, matches, &environment);
    let ended = settled.and_then(|(mut matches, custom)| {
        environment.custom = custom;
        match Cli::from_arg_matches_mut(&mut matches) {
            Ok(cli) => cli.run(&environment),
            Err(error) => Ok(usage(&error)),
        }
    });
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error.to_string());
            Exit::WRONG.into()
        }
    }
}

/// Help goes to standard output and ends well; wrong use does neither.
fn usage(error: &clap::Error) -> Exit {
    let wrong = error.use_stderr();
    let _ = error.print();
    if wrong { Exit::WRONG } else { Exit::CLEAN }
}

impl Cli {
    fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        match &self.command {
            None => match nearest::mistaken::<Self>(self.diagnose.paths()) {
                Some(words) => {
                    complain(&words);
                    Ok(Exit::WRONG)
                }
                None => self.diagnose.run(environment),
            },
            Some(Command::Live(live)) => live.run(environment),
            #[cfg(unix)]
            Some(Command::Run(run)) => run.run(environment),
            Some(Command::Diff(diff)) => diff.run(environment),
            Some(Command::Explain(explain)) => explain.run(environment),
            Some(Command::List(list)) => list.run(environment),
            Some(Command::Demo(demo)) => demo.run(environment),
            Some(Command::Inside(inside)) => inside.run(),
            Some(Command::Schema(schema)) => schema.run(),
            Some(Command::CheckConfig(check)) => check.run(environment),
            Some(Command::Completions(completions)) => completions.run(),
            Some(Command::Man(man)) => man.run(),
            #[cfg(feature = "mcp")]
            Some(Command::Mcp(mcp)) => mcp.run(environment),
        }
    }
}

/// Prints to standard output; false where nobody reads any more, as after `head`. That is no error: it has what it wanted.
fn print(text: &[u8]) -> Result<bool, Error> {
    write(|out| out.write_all(text).map_err(Error::Write))
}

/// The same with what writes the text, which need not be there as a whole.
fn write(text: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<bool, Error> {
    let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
    match text(&mut out).and_then(|()| out.flush().map_err(Error::Write)) {
        Ok(()) => Ok(true),
        Err(Error::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Says something on standard error. Where that is closed there is nobody to tell.
fn complain(words: &str) {
    let words = crate::report::sanitize::visible(words);
    let _ = writeln!(std::io::stderr().lock(), "whyoom: {words}");
}

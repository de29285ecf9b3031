//! `whyoom diff`: what grew between two memory snapshots.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::compare;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Holdings;
use crate::input::Source;
use crate::report::difference;
use crate::session::Session;

/// Show what grew, shrank, came and went between two PyTorch memory snapshots
#[derive(Args)]
pub(super) struct Diff {
    /// The earlier snapshot
    #[arg(value_hint = ValueHint::FilePath)]
    before: PathBuf,
    /// The later snapshot
    #[arg(value_hint = ValueHint::FilePath)]
    after: PathBuf,
    /// How to write it
    #[arg(long, short, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people to read
    Terminal,
    /// An array with an object for each GPU
    Json,
}

impl Diff {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let (one, other) = (
            read(&self.before, environment)?,
            read(&self.after, environment)?,
        );
        let complete = one.complete && other.complete;
        let before: Vec<&Holdings> = one.all_holdings().collect();
        let after: Vec<&Holdings> = other.all_holdings().collect();
        let differences = compare::snapshots(&before, &after);
        let look = environment.look(&self.look);
        super::write(|out| match self.format {
            Format::Json => difference::json(&differences, out),
            Format::Terminal => {
                difference::terminal(&differences, (&one.source, &other.source), &look, out)
            }
        })?;
        Ok(if complete { Exit::CLEAN } else { Exit::PARTIAL })
    }
}

/// Reads a snapshot; anything else is wrong use.
fn read(path: &Path, environment: &Environment) -> Result<Diagnosis, Error> {
    let source = Source::File(path.to_owned());
    let name = source.name();
    let session = Session {
        custom: Arc::clone(&environment.custom),
        ..Session::default()
    };
    let read = session.one(&source, &name)?;
    if let Some(problem) = &read.problem {
        super::complain(&format!("`{name}` was not read to its end: {problem}"));
    }
    if read.all_holdings().next().is_none() {
        return Err(Error::Setting {
            place: format!("`{name}`"),
            reason: "is not a PyTorch memory snapshot".to_owned(),
        });
    }
    Ok(read)
}

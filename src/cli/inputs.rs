//! What to read.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::{Args, ValueHint};

use crate::error::Error;
use crate::input;
use crate::session::Input;

/// The inputs.
#[derive(Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Logs, packed or not, archives and folders of logs, in which source code is left out; `-` is standard input, and so is nothing at all
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    /// Read what this file names too: a path or a pattern (`runs/**/*.log`) a line, or with NUL between them; `-` is
    /// standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files_from: Option<OsString>,
    /// In folders, read hidden files too
    #[arg(long)]
    hidden: bool,
    /// How many threads read: inputs at once, and the parts of a large one [default: one a core]
    #[arg(long, short, value_name = "N", value_parser = threads)]
    pub(super) jobs: Option<NonZeroUsize>,
}

/// A number of threads, from one.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "a number of threads is meant, from 1".to_owned())
}

impl InputArgs {
    /// All inputs, in order.
    pub(super) fn find(&self) -> Result<Vec<Input>, Error> {
        let stdin = [OsString::from("-")];
        let named = match (self.paths.as_slice(), &self.files_from) {
            ([], None) => &stdin,
            (paths, _) => paths,
        };
        let list = self.files_from.as_deref().map(input::listed).transpose()?;
        let named = named.iter().flat_map(|p| input::find(p, self.hidden));
        let listed = list.iter().flatten();
        let listed = listed.flat_map(|p| input::find_listed(p, self.hidden));
        Ok(named.chain(listed).collect())
    }
}

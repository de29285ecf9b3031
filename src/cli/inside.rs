//! `whyoom inside`: the module for notebooks and scripts.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::exit::Exit;
use crate::error::Error;
use crate::inside;

/// Write the Python package for `import whyoom; whyoom.install()`
///
/// From then on a notebook or a script that runs out of GPU memory leaves a census: a file that says who held it, which `whyoom`
/// reads. Under `whyoom run` nothing of this is needed.
#[derive(Args)]
#[command(
    after_help = "Example: whyoom inside \"$(python3 -c 'import site; print(site.getusersitepackages())')\""
)]
pub(super) struct Inside {
    /// The folder that gets the folder `whyoom`: one where Python looks for modules
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

impl Inside {
    pub(super) fn run(&self) -> Result<Exit, Error> {
        inside::write_package(&self.folder).map_err(Error::Write)?;
        let place = self.folder.join("whyoom");
        super::print(format!("{}\n", place.display()).as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

//! `whyoom check-config`: whether settings files say what their writer meant.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::config;
use super::environment::Environment;
use super::exit::Exit;
use crate::error::Error;
use crate::report::sanitize::visible;

/// Check a settings file: every key, every value and every pattern in it
///
/// Exit codes: 0 all is understood, 2 something is not.
#[derive(Args)]
pub(super) struct CheckConfig {
    /// The file; without it, those that a run from here would read
    #[arg(value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

impl CheckConfig {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let checked = config::checked(self.file.as_deref(), environment)?;
        let mut text = String::new();
        for file in checked.iter().filter(|file| file.wrong.is_empty()) {
            let keys = match file.keys {
                1 => "1 key".to_owned(),
                n => format!("{n} keys"),
            };
            let path = file.path.to_string_lossy();
            let _ = writeln!(text, "{}: {keys}, all understood", visible(&path));
        }
        if checked.is_empty() {
            text += "No settings file is read from here.\n";
        }
        super::print(text.as_bytes())?;
        let mut exit = Exit::CLEAN;
        for wrong in checked.iter().flat_map(|file| &file.wrong) {
            super::complain(&wrong.to_string());
            exit = Exit::WRONG;
        }
        Ok(exit)
    }
}

//! `whyoom explain`: the page of a cause, a finding, a fix or a word.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::error::Error;
use crate::report::{self, catalogue, html};

/// Explain a cause, a finding, a fix, or a word such as `oom` or `vram`; without one, list them
#[derive(Args)]
pub(super) struct Explain {
    /// The id, as a report or `whyoom list` names it, or the word; `record` tells how to record a memory snapshot
    id: Vec<String>,
    /// Write all pages into this folder as a site that needs no server
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "id")]
    html: Option<PathBuf>,
    #[command(flatten)]
    look: LookArgs,
}

impl Explain {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let look = environment.look(&self.look);
        if let Some(folder) = &self.html {
            return write(folder);
        }
        let text = if self.id.is_empty() {
            format!(
                "{}\n{}\n{}",
                catalogue::table(&catalogue::words(), &look),
                catalogue::table(&catalogue::causes(), &look),
                catalogue::table(&catalogue::fixes(), &look)
            )
        } else {
            let word = self.id.join(" ");
            let page = match environment.custom.rules().page(&word) {
                Some(own) => own.to_owned(),
                None => catalogue::page(&word)?,
            };
            report::page(&page, &look)
        };
        super::print(text.as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

/// Writes the site, and says where its first page is.
fn write(folder: &Path) -> Result<Exit, Error> {
    let failed = |path: &Path, reason| Error::Setting {
        place: path.to_string_lossy().into_owned(),
        reason: format!("cannot be written: {reason}"),
    };
    fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    for (name, page) in html::site() {
        let path = folder.join(name);
        fs::write(&path, page).map_err(|e| failed(&path, e))?;
    }
    let first = folder.join("index.html");
    super::print(format!("{}\n", report::sanitize::visible(&first.to_string_lossy())).as_bytes())?;
    Ok(Exit::CLEAN)
}

//! A diagnosis in words or in a machine's format. One file a format; nothing is decided here.
//!
//! To add one: write its file with an [`Output`], and add its `mod` line and its line in [`ALL`].

mod bar;
mod buildkite;
pub mod catalogue;
mod changes;
mod chart;
mod checkout;
mod compared;
pub mod difference;
mod distinct;
mod elsewhere;
mod fingerprint;
mod folded;
pub mod github;
mod gitlab;
mod holdings;
pub mod html;
mod indented;
pub mod json;
#[cfg(feature = "cli")]
mod junit;
pub mod links;
pub mod live;
pub mod margin;
mod markdown;
mod markup;
pub mod memories;
mod ndjson;
mod now;
mod page;
mod pages;
pub mod patch;
mod read_at;
mod readings;
pub mod redact;
mod repository;
mod rounds;
pub mod sanitize;
#[cfg(feature = "cli")]
mod sarif;
mod shown_readings;
mod skew;
mod styles;
pub mod terminal;
pub mod view;
pub mod watched;
mod words;
mod wrap;

use std::io::Write;
use std::path::PathBuf;

pub use fingerprint::fingerprint;
pub use links::Links;
pub use page::page;
pub use pages::Pages;
pub use shown_readings::Readings;
pub use styles::Styles;

use crate::compare::Compared;
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;

/// All outputs, in the order of `--help`.
pub static ALL: &[&Output] = &[
    &terminal::OUTPUT,
    &json::OUTPUT,
    &ndjson::OUTPUT,
    &markdown::OUTPUT,
    &html::OUTPUT,
    #[cfg(feature = "cli")]
    &sarif::OUTPUT,
    &github::OUTPUT,
    &gitlab::OUTPUT,
    &buildkite::OUTPUT,
    #[cfg(feature = "cli")]
    &junit::OUTPUT,
    &folded::OUTPUT,
    &patch::OUTPUT,
];

/// One way to write a report.
pub struct Output {
    /// Its name behind `--format`.
    pub name: &'static str,
    /// What it is for, as `--help` says it.
    pub about: &'static str,
    /// Writes the report of one run.
    pub write: fn(&[Diagnosis], &Options, &mut dyn Write) -> Result<(), Error>,
    /// True where the report of several inputs is the reports of each, one after the other: it can be written as they are read.
    pub streams: bool,
    /// True where one input may have several reports, one after the other, as its failures come.
    pub follows: bool,
    /// What it shows of the readings where nothing is followed.
    pub readings: Readings,
}

/// What the person who asked may choose of a report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How text looks.
    pub look: Look,
    /// At most this many fixes for each failure; `None` leaves it to the output.
    pub fixes: Option<usize>,
    /// True where nothing is left out for the sake of a screen: all fixes with their costs, all evidence, where it was read.
    pub verbose: bool,
    /// What the inputs were set against.
    pub compared: Compared,
    /// The root of the repository, so that a line of a stack is found in it.
    pub repo_root: Option<PathBuf>,
    /// Where the CI system shows the job and the code.
    pub links: Links,
    /// Where the pages of causes and fixes are served.
    pub pages: Option<Pages>,
    /// True where the inputs still grow, so that a report of a failure also says what the readings so far tell.
    pub growing: bool,
}

impl Options {
    /// True where a failure fails the run: it counts, and no earlier run had it.
    pub fn fails(&self, explained: &Explained) -> bool {
        let known = || self.compared.knows(&fingerprint(explained)) == Some(true);
        self.compared.gate.counts(explained) && !known()
    }
}

/// How text for people looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// No line is wider, in columns.
    pub width: usize,
    /// Whether other signs than ASCII can be drawn.
    pub unicode: bool,
    /// Styles by meaning.
    pub styles: Styles,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            width: 80,
            unicode: true,
            styles: Styles::default(),
        }
    }
}

/// The output of this name.
pub fn output(name: &str) -> Option<&'static Output> {
    ALL.iter().copied().find(|output| output.name == name)
}

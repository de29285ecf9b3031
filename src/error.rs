//! The one public error.

use std::fmt;

/// Why something could not be done. Nothing that stands *in* a log is an error: that is what the log is read for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be opened or read.
    Read {
        /// The input as the user named it.
        source: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The report could not be written.
    Write(std::io::Error),
    /// A file of a report could not be written.
    WriteFile {
        /// The file as the user named it.
        path: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A file that says how to run, a configuration or a list of known failures, says something that has no meaning.
    Setting {
        /// The file, and what in it.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// No page, cause, fix or format has this id.
    UnknownId {
        /// What was asked for.
        id: String,
        /// The nearest id that exists.
        nearest: Option<String>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { source, reason } => write!(f, "cannot read `{source}`: {reason}"),
            Self::Write(reason) => write!(f, "cannot write the report: {reason}"),
            Self::WriteFile { path, reason } => write!(f, "cannot write `{path}`: {reason}"),
            Self::Setting { place, reason } => write!(f, "{place}: {reason}"),
            Self::UnknownId {
                id,
                nearest: Some(nearest),
            } => {
                write!(
                    f,
                    "no page is called `{id}`, and none speaks of it; did you mean `{nearest}`? `whyoom explain` lists them all"
                )
            }
            Self::UnknownId { id, nearest: None } => {
                write!(
                    f,
                    "no page is called `{id}`, and none speaks of it; `whyoom explain` lists them all"
                )
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { reason, .. } | Self::Write(reason) | Self::WriteFile { reason, .. } => {
                Some(reason)
            }
            Self::Setting { .. } | Self::UnknownId { .. } => None,
        }
    }
}

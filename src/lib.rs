//! Tells why a GPU ran out of memory, with the arithmetic, and what to change.
//!
//! Data flows down this list, never up; `tests/it/architecture.rs` holds the code to it.
//!
//! | module | what it does |
//! |---|---|
//! | [`bytes`], `place`, `error`, `sorting`, `spelling` | sizes as intervals; source and line; the one public error; short lists in order; the word that was meant |
//! | [`evidence`] | facts, incidents, telemetry, settings: what was learned, and its arithmetic |
//! | `log` | what one input says, read and not judged |
//! | `fixes` | one file per fix: what to type, what it wins here, what it costs |
//! | `findings` | one folder per cause, one file per finding: the facts it needs, the decision, its page |
//! | `text` | bytes to lines: escapes, carriage returns and prefixes off; ranks kept as labels |
//! | `stack`, `settings`, `readings`, `buffers`, `messages` | what the lines say: call stacks, settings, readings, parts of a model, failures |
//! | `scan` | one pass over raw bytes that keeps only the lines that matter |
//! | `snapshot` | memory snapshots: read without running anything, and who held the GPU |
//! | `inside` | the look inside of a Python process: the module that takes a census, and what it wrote |
//! | `source` | the program's own lines, in its files or as a log shows them: which of them keep memory |
//! | `incidents` | which sightings are one failure |
//! | `diagnose` | bytes to a log, and a log to a diagnosis, judged once; the library's entry point |
//! | `jobs` | the logs of one job's ranks, put together |
//! | [`input`] | bytes in: files, folders, archives |
//! | [`session`] | many inputs: read at once, handed over in order |
//! | `compare` | an input set against the size of the card, or against a run that passed |
//! | [`report`] | one file per output format |
//! | `probe` | the GPUs as they are now: a driver's word, and `/proc`'s on the processes |
//! | `run` | a program as it is, watched and read along |
//! | `cli` | arguments, terminal, exit codes |
//! | [`catalogue`] | what is known of programs, for who uses the library |
//!
//! ```
//! let diagnosis = whyoom::diagnose("pasted", b"RuntimeError: CUDA error: out of memory");
//! assert_eq!(diagnosis.source, "pasted");
//! ```

#![cfg_attr(
    not(feature = "cli"),
    expect(
        dead_code,
        unused_imports,
        reason = "what only the command calls; to leave it out would take a condition in half of the rooms"
    )
)]

mod buffers;
pub mod bytes;
pub mod catalogue;
#[cfg(feature = "cli")]
mod cli;
mod compare;
mod diagnose;
mod error;
pub mod evidence;
mod findings;
mod fixes;
mod incidents;
pub mod input;
mod inside;
mod jobs;
mod log;
mod messages;
mod place;
mod probe;
mod readings;
pub mod report;
#[cfg(all(unix, feature = "cli"))]
mod run;
mod scan;
pub mod session;
mod settings;
mod snapshot;
mod sorting;
#[cfg(feature = "source")]
mod source;
mod spelling;
mod stack;
mod text;

#[cfg(feature = "cli")]
pub use cli::{run, settings};
pub use diagnose::{Diagnosis, Explained, Gpus, Reader, diagnose};
pub use error::Error;
pub use jobs::{join, join_snapshots};
pub use log::{Log, Outcome};
pub use place::Place;
pub use session::Session;

/// What a user adds to what is known of logs: prefixes, readings, messages, findings and advice.
pub mod own {
    pub use crate::diagnose::{
        Advice, AdviceRule, Custom, Listed, MessageRule, Pattern, Rules, When, Wrong,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

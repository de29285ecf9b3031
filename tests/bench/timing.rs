//! What the benchmarks of commands share.

use std::error::Error;
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// The program that is measured: `WHYOOM_BIN`, or the one that was built.
pub(crate) fn built() -> std::ffi::OsString {
    std::env::var_os("WHYOOM_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_whyoom").into())
}

/// 1 is a failure found, or a literal not found; more is an error.
pub(crate) fn well(command: &Command, status: ExitStatus) -> Result<(), Box<dyn Error>> {
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!("{command:?} ended with {status}").into()),
    }
}

/// The time in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

//! The program: arguments, environment, terminal, exit codes.

use std::io::{Read, Write};
use std::process::ExitCode;

/// Runs the program.
pub fn run() -> ExitCode {
    let mut raw = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut raw).is_err() {
        return ExitCode::from(3);
    }
    let diagnosis = crate::diagnose("<stdin>", &raw);
    let found = !diagnosis.incidents.is_empty();
    let mut out = std::io::stdout().lock();
    if crate::report::json::write(&[diagnosis], &mut out).is_err() || out.flush().is_err() {
        return ExitCode::from(2);
    }
    ExitCode::from(u8::from(found))
}

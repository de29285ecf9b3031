//! The command. All of it is in the library: see [`whyoom::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    whyoom::cli::run()
}

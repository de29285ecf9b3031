//! The command. All of it is in the library: see [`whyoom::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    whyoom::run()
}

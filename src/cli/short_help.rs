//! What `-h` prints: what a newcomer needs, on one screen. `--help` has all.

use std::ffi::OsString;

/// The screen.
pub(super) const TEXT: &str = "\
Tells why a GPU ran out of memory and what to change.

Usage: whyoom [OPTIONS] [PATH]...   logs, folders, archives; else standard input
       whyoom COMMAND

Examples:
  whyoom train.log                  explain a log
  python train.py 2>&1 | whyoom     explain what a program prints
  whyoom run -- python train.py     run a program, explain it if it fails

Commands:
  run       Run a program and explain it if it runs out of memory
  live      Show who holds the memory of the GPUs now
  explain   Explain a cause, a finding or a fix
  demo      Show a report on a built-in log

Options:
  -v, --verbose           Show all fixes with their costs, and all evidence
  -f, --format FORMAT     json, markdown, sarif, github, junit and others;
                          FORMAT=PATH writes a file
  -F, --follow            Keep reading what is added to the inputs
  -q, --quiet             Print no report: the exit code is the answer
      --live              Ask the GPUs: would it fit now, who is in the way?
      --help              Show all commands and options
";

/// True where the command line asks for it and for nothing else.
pub(super) fn asked(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, only] if only == "-h")
}

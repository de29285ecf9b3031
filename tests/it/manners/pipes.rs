//! A reader that goes away, as `head` does, ends things quietly.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Child;

use super::{MESSAGE, put, until, whyoom};

/// Waits for the end of a run whose output nobody reads, and takes what it said.
fn end(mut child: Child) -> (Option<i32>, String) {
    let mut err = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut err).unwrap();
    (child.wait().unwrap().code(), err)
}

#[test]
fn a_report_that_nobody_reads_is_no_error_in_any_format() {
    for output in whyoom::report::ALL {
        let mut child = whyoom(&["-f", output.name]).spawn().unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(MESSAGE.as_bytes()).unwrap();
        drop(stdin);
        assert_eq!(end(child), (Some(1), String::new()), "{}", output.name);
    }
}

/// More reports than a pipe holds.
fn many(folder: &Path) -> Vec<String> {
    let mut paths = vec!["-f".to_owned(), "ndjson".to_owned()];
    paths.extend((0..200).map(|i| put(folder, &format!("{i}.log"), MESSAGE)));
    paths
}

#[test]
fn what_nobody_would_read_is_not_worked_for_and_that_is_no_clean_read() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = many(folder.path());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for jobs in ["1", "4"] {
        let mut command = whyoom(&arguments);
        let mut child = command.args(["--jobs", jobs]).spawn().unwrap();
        let mut first = [0; 9];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        // Not all was read, and that is never a 0 or a 1.
        assert_eq!(end(child), (Some(3), String::new()));
    }
}

#[test]
fn a_log_that_is_followed_is_left_when_a_report_finds_no_reader() {
    let mut child = whyoom(&["--follow", "-f", "ndjson"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(MESSAGE.as_bytes()).unwrap();
    let stdout = child.stdout.take().unwrap();
    until("the first report", || {
        rustix::io::ioctl_fionread(&stdout).unwrap() > 0
    });
    drop(stdout);
    assert_eq!(end(child), (Some(1), String::new()));
    drop(stdin);
}

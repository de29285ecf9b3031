//! The wrapper in front of a terminal of its own: who gets which signal.

#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::pty::OpenptFlags;

use super::signal;

/// Counts the interrupts that it gets in a second.
const COUNTS: &str = "n=0; trap 'n=$((n+1))' INT QUIT; echo ready; i=0; \
    while [ $i -lt 50 ]; do sleep 0.02; i=$((i+1)); done; echo $n; exit 9";

/// The keyboard's end of a terminal, and the wrapper as the only program in front of it.
fn in_front() -> (File, Child, BufReader<ChildStdout>) {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let slave: OwnedFd = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap()
        .into();
    let mut child = Command::new("setsid")
        .args(["--ctty", env!("CARGO_BIN_EXE_whyoom"), "run", "--"])
        .args(["sh", "-c", COUNTS])
        .stdin(slave)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    std::thread::sleep(std::time::Duration::from_millis(100));
    (File::from(master), child, out)
}

/// How many interrupts the program counted.
fn counted(mut child: Child, mut out: BufReader<ChildStdout>) -> String {
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(9));
    rest
}

#[test]
fn what_is_typed_reaches_the_program_once() {
    for key in [b"\x03", b"\x1c"] {
        let (mut keyboard, child, out) = in_front();
        keyboard.write_all(key).unwrap();
        assert_eq!(counted(child, out), "1\n");
    }
}

#[test]
fn what_is_sent_to_the_wrapper_alone_reaches_the_program_too() {
    for name in ["INT", "QUIT"] {
        let (_keyboard, child, out) = in_front();
        signal(&child, name);
        assert_eq!(counted(child, out), "1\n", "{name}");
    }
}

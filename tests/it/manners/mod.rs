//! How the command behaves towards people and their terminals: it lets itself be interrupted, shows how far it is, and
//! follows what grows.

#![cfg(target_os = "linux")]

mod follow;
mod follow_margin;
mod interrupt;
mod memory;
mod pipes;
mod progress;
mod threads;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::process::command as whyoom;
use rustix::process::{Pid, Signal, kill_process};

/// A message that is a failure whatever stands around it.
const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of \
    139.80 GiB of which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the \
    allocated memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.\n";

/// Far above what any of this takes, also on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until something is so.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < DEADLINE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A number out of a file of `/proc`.
fn value(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.unwrap().trim().split(' ').next().unwrap();
    number.parse().unwrap()
}

/// A run that goes on beside the test.
struct Running {
    child: Child,
    /// Reads standard error beside the test.
    err: JoinHandle<String>,
}

fn start(mut command: Command) -> Running {
    let mut child = command.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let err = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    Running { child, err }
}

/// What a run left behind.
struct Ended {
    status: ExitStatus,
    out: String,
    err: String,
}

impl Running {
    /// Writes to standard input, and waits until all of it was read.
    fn feed(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        let stdin = self.child.stdin.as_ref().unwrap();
        until("standard input is read", || {
            rustix::io::ioctl_fionread(stdin).unwrap() == 0
        });
    }

    /// Waits until it has handlers for the signals that interrupt.
    fn until_it_listens(&self) {
        let status = format!("/proc/{}/status", self.child.id());
        until("the handlers are there", || {
            let status = fs::read_to_string(&status).unwrap();
            let mask = status
                .lines()
                .find_map(|l| l.strip_prefix("SigCgt:"))
                .unwrap();
            let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
            let bit = |signal: Signal| mask >> (signal.as_raw() - 1) & 1 == 1;
            bit(Signal::INT) && bit(Signal::TERM)
        });
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for its end, with standard input left open.
    fn end(mut self) -> Ended {
        let stdin = self.child.stdin.take();
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut out).unwrap();
        let status = self.child.wait().unwrap();
        drop(stdin);
        Ended {
            status,
            out,
            err: self.err.join().unwrap(),
        }
    }
}

fn put(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A named pipe that nobody writes to.
fn pipe(folder: &Path, name: &str) -> String {
    let path: PathBuf = folder.join(name);
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path.to_str().unwrap().to_owned()
}

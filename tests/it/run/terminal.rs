//! The wrapper in front of a terminal of its own: who gets which signal.

#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::pty::OpenptFlags;

use super::signal;

/// Counts the interrupts that it gets in a second.
const COUNTS: &str = "n=0; trap 'n=$((n+1))' INT QUIT; echo ready; i=0; \
    while [ $i -lt 50 ]; do sleep 0.02; i=$((i+1)); done; echo $n; exit 9";

/// The keyboard's end of a terminal, and its own.
fn terminal() -> (OwnedFd, OwnedFd) {
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
    (master, slave)
}

/// The keyboard's end of a terminal, and the wrapper as the only program in front of it.
fn in_front() -> (File, Child, BufReader<ChildStdout>) {
    let (master, slave) = terminal();
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

/// The state of a process: 'T' where it is stopped.
fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

/// Waits until a process is in this state or in another one than that.
fn wait_for(pid: u32, wanted: char, is: bool) -> bool {
    (0..200).any(|_| {
        let now = state(pid).is_some_and(|now| (now == wanted) == is);
        if !now {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        now
    })
}

/// A program that says its id, and "done" after it was stopped and went on. Its group is not the test's, which may be an
/// orphaned one, where nobody could continue it and the kernel therefore stops nothing (POSIX, 2.4.3).
fn stopped(script: &str) -> (Child, BufReader<ChildStdout>, u32) {
    let mut child = super::run(&[], &format!("echo $$; {script}; echo done; exit 9"))
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let id = line.trim().parse().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    (child, out, id)
}

#[test]
fn who_stops_the_wrapper_stops_the_program_and_who_continues_it_continues_both() {
    let (mut child, mut out, program) = stopped("sleep 0.5");
    signal(&child, "TSTP");
    assert!(wait_for(program, 'T', true), "the program runs on");
    assert!(wait_for(child.id(), 'T', true), "the wrapper runs on");
    signal(&child, "CONT");
    assert!(
        wait_for(program, 'T', false),
        "the program is still stopped"
    );
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "done\n");
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn a_program_that_does_not_let_itself_be_stopped_keeps_its_output() {
    let (mut child, mut out, program) = stopped("trap '' TSTP; sleep 1.5");
    signal(&child, "TSTP");
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "done\n");
    assert!(state(program).is_none_or(|state| state != 'T'));
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn a_terminal_that_changes_its_size_tells_the_program() {
    let (master, slave) = terminal();
    // The kernel tells the program first, which is in the group in front, and the wrapper again when the new size is there.
    let script = "trap 's=$(stty size <&2); [ \"$s\" = \"21 63\" ] && echo \"now $s\" && exit 4' WINCH; echo ready; i=0; \
        while [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done; echo now nothing; exit 5";
    let mut child = Command::new("setsid")
        .args(["--ctty", env!("CARGO_BIN_EXE_whyoom"), "run", "--"])
        .args(["sh", "-c", script])
        .stdin(slave.try_clone().unwrap())
        .stdout(slave.try_clone().unwrap())
        .stderr(slave)
        .spawn()
        .unwrap();
    let mut shown = String::new();
    let mut read_until = |end: &str| {
        let mut buffer = [0; 256];
        while !shown.contains(end) {
            let read = rustix::io::read(&master, &mut buffer).unwrap_or(0);
            assert!(read > 0, "{shown}");
            shown.push_str(&String::from_utf8_lossy(buffer.get(..read).unwrap()));
        }
    };
    read_until("ready");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let size = rustix::termios::Winsize {
        ws_row: 21,
        ws_col: 63,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&master, size).unwrap();
    read_until("now ");
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

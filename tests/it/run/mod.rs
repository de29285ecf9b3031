//! The command `whyoom run` as a process: nothing of the wrapped program may change.

#![cfg(unix)]

mod buffers;
mod explained;
mod holders;
mod inside;
mod on_gpu;
mod recorded;
mod terminal;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn whyoom() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command.env("LANG", "C.UTF-8").env_remove("COLUMNS");
    command
}

/// The wrapper with these flags around a shell script.
fn run(flags: &[&str], script: &str) -> Command {
    let mut command = whyoom();
    command.arg("run").args(flags);
    command.args(["--", "sh", "-c", script]);
    command
}

fn output(flags: &[&str], script: &str) -> Output {
    run(flags, script).output().unwrap()
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path)
}

fn log(case: &str) -> String {
    fixture(&format!("cases/{case}/log.txt"))
        .display()
        .to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Starts a script that says "ready" when it is.
fn started(script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = run(&[], script)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    // What is between the start of the program and its first word is enough for the wrapper, but for a loaded machine.
    std::thread::sleep(Duration::from_millis(100));
    (child, out)
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(done.success());
}

#[test]
fn the_exit_code_is_the_programs() {
    for code in [0, 1, 3, 42, 255] {
        let output = output(&[], &format!("exit {code}"));
        assert_eq!(output.status.code(), Some(code));
        assert!(output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn a_program_that_a_signal_ended_gives_128_and_its_number() {
    for (name, number) in [("KILL", 9), ("TERM", 15), ("SEGV", 11)] {
        let output = output(&[], &format!("kill -{name} $$"));
        assert_eq!(output.status.code(), Some(128 + number));
    }
}

#[test]
fn what_is_not_there_gives_127_and_what_cannot_run_126() {
    let missing = whyoom()
        .args(["run", "--", "/no/such/program"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(127));
    assert!(text(&missing.stderr).contains("not found"));
    let plain = tempfile::NamedTempFile::new().unwrap();
    let refused = whyoom()
        .arg("run")
        .arg("--")
        .arg(plain.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(126));
}

#[test]
fn wrong_use_of_the_wrapper_gives_2() {
    assert_eq!(whyoom().arg("run").output().unwrap().status.code(), Some(2));
    let flag = whyoom()
        .args(["run", "--no-such-flag", "--", "true"])
        .output()
        .unwrap();
    assert_eq!(flag.status.code(), Some(2));
}

#[test]
fn signals_go_on_to_the_program_which_may_answer_them() {
    for (name, code) in [("TERM", 7), ("INT", 8), ("USR1", 9), ("HUP", 10)] {
        // Under `nohup` a shell cannot take it.
        if name == "HUP" && ignores_hangups() {
            continue;
        }
        let script = format!(
            "trap 'echo caught; exit {code}' {name}; echo ready; while :; do sleep 0.02; done"
        );
        let (mut child, mut out) = started(&script);
        signal(&child, name);
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "caught\n", "{name}");
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
    }
}

/// True where whoever started the tests has them ignore SIGHUP (proc(5): the lowest bit of `SigIgn`).
fn ignores_hangups() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn a_program_that_ignores_sigterm_runs_to_its_end_under_the_wrapper_too() {
    let script = "trap '' TERM; echo ready; sleep 0.6; echo done; exit 5";
    let (mut child, mut out) = started(script);
    signal(&child, "TERM");
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "done\n");
    assert_eq!(child.wait().unwrap().code(), Some(5));
}

#[test]
fn a_program_that_does_not_answer_sigterm_ends_by_it() {
    let (mut child, _out) = started("echo ready; exec sleep 30");
    let asked = Instant::now();
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(asked.elapsed() < Duration::from_secs(10));
}

#[test]
fn input_passes_and_so_do_both_outputs_byte_by_byte() {
    let mut child = run(&[], "cat; printf 'to\\0err\\377' >&2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let mut stdin = child.stdin.take().unwrap();
    let sent = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&sent).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.stdout, bytes);
    assert_eq!(output.stderr, b"to\0err\xff");
}

#[test]
fn one_file_for_both_outputs_keeps_their_order() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let both = || {
        fs::OpenOptions::new()
            .append(true)
            .open(file.path())
            .unwrap()
    };
    let shared = both();
    let script = "for i in $(seq 200); do echo out $i; echo err $i >&2; done";
    run(&[], script)
        .stdout(shared.try_clone().unwrap())
        .stderr(shared)
        .status()
        .unwrap();
    let written = fs::read_to_string(file.path()).unwrap();
    let expected = (1..=200).flat_map(|i| [format!("out {i}"), format!("err {i}")]);
    assert!(written.lines().map(str::to_owned).eq(expected));
}

#[test]
fn a_reader_that_pauses_after_the_programs_end_gets_all_of_it() {
    // More than the pipes between hold, and a pause as of a pager that somebody reads.
    let mut child = run(&[], "head -c 1000000 /dev/zero")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let mut all = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 1_000_000);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn two_hundred_megabytes_pass_byte_by_byte() {
    let script = "yes 'step 1 loss 0.123456 grad_norm 1.5 lr 0.0001' | head -c 209715200";
    let mut child = run(&[], script).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let line = b"step 1 loss 0.123456 grad_norm 1.5 lr 0.0001\n";
    let expected = line.repeat(4000);
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0usize;
    loop {
        let read = out.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        let from = total % line.len();
        assert!(
            buffer.get(..read) == expected.get(from..from + read),
            "at byte {total}"
        );
        total += read;
    }
    assert_eq!(total, 209_715_200);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_ends_the_program_as_it_would_without_the_wrapper() {
    let mut child = run(&[], "exec yes")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 4];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn a_child_left_behind_does_not_hold_the_wrapper() {
    let began = Instant::now();
    let output = output(&[], "sleep 30 & echo done");
    assert_eq!(text(&output.stdout), "done\n");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_terminal_stays_a_terminal_of_its_size_and_no_byte_is_changed_twice() {
    use rustix::pty::OpenptFlags;
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let slave = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let size = rustix::termios::Winsize {
        ws_row: 33,
        ws_col: 77,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&slave, size).unwrap();
    let mut child = run(
        &[],
        "test -t 1 && test -t 2 && stty size <&1; printf '\\r 50%%\\r100%%\\n' >&2; exit 6",
    )
    .stdin(Stdio::null())
    .stdout(slave.try_clone().unwrap())
    .stderr(slave)
    .spawn()
    .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(6));
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = rustix::io::read(&master, &mut buffer) {
        shown.extend_from_slice(buffer.get(..read).unwrap());
        if shown.ends_with(b"100%\r\n") {
            break;
        }
    }
    assert_eq!(text(&shown), "33 77\r\n\r 50%\r100%\r\n");
}

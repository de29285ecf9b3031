//! How much memory a run takes: as much for many inputs as for few.

use std::fmt::Write;
use std::fs;

use super::{put, start, until, value, whyoom};

/// Above what a run's memory differs by from one to the next; half of what the readings of all inputs take.
const LEEWAY: u64 = 2 << 20;

/// A log in which readings come and go: as many as are kept of one series.
fn readings() -> String {
    let mut log = String::new();
    for step in 0..2000 {
        let _ = writeln!(log, "step {step}: allocated {}.25 GiB", 20 + step % 7);
    }
    log
}

/// The most memory that a run takes for this log, so many times, in bytes.
fn most(flags: &[&str], log: &str, times: usize) -> u64 {
    let mut arguments = flags.to_vec();
    arguments.extend(std::iter::repeat_n(log, times));
    arguments.push("-");
    let mut running = start(whyoom(&arguments));
    // It is the last input, and does not end.
    running.feed("step 1\n");
    let file = |name| format!("/proc/{}/{name}", running.child.id());
    let read = file("io");
    let bytes = fs::metadata(log).unwrap().len() * u64::try_from(times).unwrap();
    until("all is read", || value(&read, "rchar:") >= bytes);
    let most = value(&file("status"), "VmHWM:") * 1024;
    drop(running.child.stdin.take());
    running.end();
    most
}

#[test]
fn many_inputs_take_no_more_than_few() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", &readings());
    for flags in [&["-q"][..], &["-f", "terminal"], &["-f", "json"]] {
        let [few, many] =
            [6, 66].map(|times| most(&[flags, &["--jobs", "2"]].concat(), &log, times));
        assert!(
            many < few + LEEWAY,
            "{flags:?}: {few} bytes for 6 inputs, {many} for 66"
        );
    }
}

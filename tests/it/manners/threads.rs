//! One large input that several threads read: the same report, byte for byte, and memory that does not grow with it.

use std::fmt::Write;
use std::fs;

use super::{put, start, value, whyoom};
use crate::cases::Case;
use crate::process::finish;

/// As much as one thread reads before others come.
const MUCH: usize = 4 << 20;
/// Above what memory differs by from run to run.
const LEEWAY: u64 = 4 << 20;

/// Lines as a build prints them, some with a reading.
fn ordinary(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 99);
    for number in 0.. {
        if log.len() >= bytes {
            break;
        }
        let written = match number % 9 {
            0 => writeln!(
                log,
                "step {number}: mem allocated {}.25 GiB, batch_size=8",
                number % 70
            ),
            n => writeln!(
                log,
                "[{n}/99] Building CXX object CMakeFiles/part{number}.cc.o"
            ),
        };
        written.unwrap();
    }
    log
}

#[test]
fn one_large_file_gives_the_same_report_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    // Every third case: all of them twice take minutes without optimization.
    let cases = Case::all().into_iter().step_by(3);
    let logs: Vec<Vec<u8>> = cases.map(|case| case.log).collect();
    let text = [ordinary(MUCH).into_bytes(), logs.join(&b'\n')].concat();
    let path = put(folder.path(), "big.log", "");
    fs::write(&path, text).unwrap();
    let run = |jobs| finish(whyoom(&["-f", "json", "--jobs", jobs, &path]), b"");
    let one = run("1");
    assert!(one.code == Some(1) && one.out.len() > 10_000, "{}", one.err);
    let several = run("3");
    assert_eq!((several.code, several.err), (one.code, one.err));
    assert!(several.out == one.out);
}

#[test]
fn what_threads_hold_does_not_grow_with_the_file() {
    let most = |mebibytes: usize| {
        let mut running = start(whyoom(&["-q", "--jobs", "4", "-"]));
        let part = ordinary(1 << 20);
        (0..mebibytes).for_each(|_| running.feed(&part));
        // Nothing is taken from the pipe before what came earlier has been handed on.
        let status = format!("/proc/{}/status", running.child.id());
        // The pages of the program itself are most of a development build, and hold nothing of the log.
        let most = (value(&status, "VmHWM:") - value(&status, "RssFile:")) * 1024;
        drop(running.child.stdin.take());
        running.end();
        most
    };
    let [less, more] = [8, 24].map(most);
    assert!(
        more < less + LEEWAY && more < 16 << 20,
        "{less} bytes for 8 MiB, {more} for 24"
    );
}

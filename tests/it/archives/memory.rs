//! How much memory an unpacking takes: packers refer far back where they were told to, and say so whatever they pack. The
//! fixtures are the same log packed by `zstd --ultra -22` and `xz -9`, and by both with more than anybody needs.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::{LINE, fixture, read};

#[test]
fn what_refers_as_far_back_as_packers_do_is_read_and_what_refers_further_is_named() {
    for name in ["far-64m.txt.xz", "far-128m.txt.zst"] {
        let read = read(name);
        assert_eq!((read.code, read.err.as_str()), (Some(1), ""), "{name}");
        assert_eq!(read.failures(), [(String::new(), LINE)]);
    }
    for name in ["far-1536m.txt.xz", "far-2g.txt.zst"] {
        let read = read(name);
        let why = "reading stopped: unpacking it takes more memory than 128 MiB, the most that is used for it";
        assert_eq!((read.code, read.problem()), (Some(3), why), "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_taken_for_what_comes_out_and_not_for_what_was_announced() {
    for name in ["far-64m.txt.xz", "far-128m.txt.zst"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_whyoom"))
            .args(["--no-config", "--quiet"])
            .env_clear()
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Far more than a pipe holds: what was written before its end has been unpacked.
        let raw = fs::read(fixture(name)).unwrap().repeat(800);
        stdin.write_all(&raw).unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        drop(stdin);
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak: u64 = peak
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        assert!(peak < 48 << 10, "{name}: {peak} KiB");
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
}

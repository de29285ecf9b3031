//! Packed logs and archives, as the tools pack them, as people run the program on them.

mod damage;
mod doors;
mod memory;
mod packing;
mod properties;

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;
use packing::{STREAMS, Zip};
use serde_json::Value;

const WHOLE: &str = "0_build.txt";
const SETUP: &str = "build/1_Set up job.txt";
const STEP: &str = "build/3_Run tests.txt";
/// What `log.txt` says, without the names of inputs and what follows from them.
const LINE: u64 = 46;

/// What a run left behind.
struct Run {
    code: Option<i32>,
    report: Value,
    err: String,
}

/// Runs the program for a JSON report.
fn run(arguments: &[&str], input: &[u8]) -> Run {
    let mut command = process::command(&["--no-config", "-f", "json"]);
    command.args(arguments);
    let run = process::finish(command, input);
    Run {
        code: run.code,
        report: run.json(),
        err: run.err,
    }
}

impl Run {
    /// Of each input its name behind the archive's, and whether it was read to its end.
    fn inputs(&self) -> Vec<(String, bool)> {
        let inputs = self.report["inputs"].as_array().unwrap().iter();
        let behind = |source: &str| {
            source
                .split_once('!')
                .map_or("", |(_, name)| name)
                .to_owned()
        };
        inputs
            .map(|i| (behind(i["source"].as_str().unwrap()), i["complete"] == true))
            .collect()
    }

    /// Of each failure the name of its input behind the archive's, and its line.
    fn failures(&self) -> Vec<(String, u64)> {
        let failures = self.report["incidents"].as_array().unwrap().iter();
        let behind = |source: &str| {
            source
                .split_once('!')
                .map_or("", |(_, name)| name)
                .to_owned()
        };
        failures
            .map(|i| {
                (
                    behind(i["source"].as_str().unwrap()),
                    i["line"].as_u64().unwrap(),
                )
            })
            .collect()
    }

    /// What kept the last input from being read.
    fn problem(&self) -> &str {
        let inputs = self.report["inputs"].as_array().unwrap();
        inputs.last().unwrap()["problem"].as_str().unwrap_or("")
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/packed")
        .join(name)
}

fn log() -> Vec<u8> {
    fs::read(fixture("log.txt")).unwrap()
}

fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Reads a fixture as a file and from standard input, which must say the same.
fn read(name: &str) -> Run {
    let path = fixture(name);
    let file = run(&[path.to_str().unwrap()], b"");
    let piped = run(&[], &fs::read(&path).unwrap());
    let of_pipe = piped
        .report
        .to_string()
        .replace("<stdin>", path.to_str().unwrap());
    assert_eq!(file.report.to_string(), of_pipe, "{name}");
    assert_eq!(file.code, piped.code);
    file
}

fn owned<T: Copy>(pairs: &[(&str, T)]) -> Vec<(String, T)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

#[test]
fn a_log_of_several_streams_is_one_log_however_it_is_packed() {
    let plain = read("log.txt");
    for (end, _) in STREAMS {
        let packed = read(&format!("two-streams.txt.{end}"));
        assert_eq!((packed.code, packed.err.as_str()), (Some(1), ""), "{end}");
        assert_eq!(packed.failures(), [(String::new(), LINE)], "{end}");
        assert_eq!(
            packed.report["incidents"][0]["facts"],
            plain.report["incidents"][0]["facts"]
        );
    }
}

#[test]
fn what_zstd_says_to_skip_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    // RFC 8878, section 3.1.2: a mark, a length, and so many bytes of anything.
    let skip = b"\x5a\x2a\x4d\x18\x03\0\0\0abc";
    let half = log().len() / 2;
    let (head, tail) = (&log()[..half], &log()[half..]);
    let raw = [
        skip,
        &packing::zstd(head)[..],
        skip,
        &packing::zstd(tail),
        skip,
    ]
    .concat();
    let read = run(&[&put(folder.path(), "log", &raw)], b"");
    assert_eq!(
        (read.code, read.failures()),
        (Some(1), vec![(String::new(), LINE)])
    );
    let cut = run(&[], &raw[..raw.len() - 1]);
    assert_eq!((cut.code, cut.problem()), (Some(3), "it is cut off"));
}

#[test]
fn every_member_is_an_input_in_the_order_of_the_archive() {
    for name in [
        "infozip.zip",
        "streamed.zip",
        "streamed-zip64.zip",
        "gnu.tar.gz",
    ] {
        let read = read(name);
        assert_eq!((read.code, read.err.as_str()), (Some(1), ""), "{name}");
        let inputs = read.inputs();
        assert_eq!(inputs, owned(&[(WHOLE, true)]), "{name}");
        let source = read.report["incidents"][0]["source"].as_str().unwrap();
        assert!(source.ends_with(&format!("{name}!{WHOLE}")), "{source}");
    }
}

#[test]
fn names_and_formats_that_need_more_than_the_first_header_are_read() {
    let long = "a/name/that/is/longer/than/the/hundred/bytes/that/the/first/format/of/tar/had/room/for/and/needs/a/header/of/\
        its/own/train.log";
    for (name, member) in [
        ("gnu-long-name.tar.zst", long),
        ("pax.tar.xz", long),
        ("v7.tar.bz2", WHOLE),
        ("bzip2-member.zip", WHOLE),
    ] {
        let read = read(name);
        assert_eq!(read.code, Some(1), "{name}");
        assert_eq!(read.failures(), owned(&[(member, LINE)]), "{name}");
    }
}

#[test]
fn a_member_without_its_size_ends_where_it_ends_and_an_archive_in_it_does_not_end_it() {
    let read = read("streamed-stored.zip");
    assert_eq!(read.code, Some(1));
    let inner = |name: &str| format!("inner.zip!{name}");
    let inputs = [(inner(WHOLE), true), (WHOLE.to_owned(), true)];
    assert_eq!(read.inputs(), inputs);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_still_read() {
    for (name, why) in [
        ("encrypted.zip", "it is encrypted"),
        (
            "sparse.tar.gz",
            "it is stored without its holes, as a sparse file",
        ),
        (
            "sparse-pax.tar.gz",
            "it is stored without its holes, as a sparse file",
        ),
    ] {
        let read = read(name);
        assert_eq!((read.code, read.problem()), (Some(3), why), "{name}");
        assert!(
            read.err.contains(name) && read.err.contains(why),
            "{}",
            read.err
        );
        let both = run(
            &[
                fixture(name).to_str().unwrap(),
                fixture("infozip.zip").to_str().unwrap(),
            ],
            b"",
        );
        assert_eq!(
            (both.code, both.report["inputs"].as_array().unwrap().len()),
            (Some(3), 2)
        );
    }
    for raw in [
        &b"7z\xbc\xaf\x27\x1c\0\x04"[..],
        b"Rar!\x1a\x07\x01\0",
        b"\x04\x22\x4d\x18d",
        b"LZIP\x01\x0c",
        b"\x1f\x9d\x90a",
    ] {
        let read = run(&[], raw);
        assert_eq!(read.code, Some(3), "{raw:?}");
        assert!(
            read.problem().ends_with("which cannot be read"),
            "{}",
            read.problem()
        );
    }
}

#[test]
fn members_that_are_packed_are_unpacked_and_archives_are_read_one_in_the_other() {
    let log = log();
    for (end, pack) in STREAMS {
        let inner = packing::tar(&[("./a.log", &log), ("b.log.gz", &packing::gzip(&log))]);
        for outer in Zip::all() {
            let raw = outer.pack(&[
                ("logs.tar", &pack(&inner)),
                ("c.log", b"step 1\n"),
                ("d.log", &pack(&log)),
            ]);
            let read = run(&[], &raw);
            assert_eq!(
                (read.code, read.err.as_str()),
                (Some(1), ""),
                "{end} {outer:?}"
            );
            let failures = [
                ("logs.tar!a.log", LINE),
                ("logs.tar!b.log.gz", LINE),
                ("d.log", LINE),
            ];
            assert_eq!(read.failures(), owned(&failures), "{end} {outer:?}");
        }
    }
}

#[test]
fn an_archive_three_deep_is_named_and_not_read() {
    let one = packing::tar(&[("a.log", &log())]);
    let three = packing::tar(&[
        ("two.tar", &packing::tar(&[("one.tar", &one)])),
        ("b.log", &log()),
    ]);
    let read = run(&[], &three);
    assert_eq!(read.code, Some(3));
    assert_eq!(
        read.inputs(),
        owned(&[("two.tar!one.tar", false), ("b.log", true)])
    );
    let mut raw = log();
    for _ in 0..4 {
        raw = packing::gzip(&raw);
    }
    assert_eq!(
        run(&[], &raw).problem(),
        "it is packed over and over, which cannot be read"
    );
}

#[test]
fn an_archive_without_files_is_no_clean_read() {
    let mut tar = packing::tar(&[("folder/", b"")]);
    // The kind of a folder in place of a file's, and the sum over the header with it.
    tar[156] = b'5';
    let sum = sum(&tar);
    tar[148..156].copy_from_slice(sum.as_bytes());
    for raw in [Zip::all().next().unwrap().pack(&[]), packing::gzip(&tar)] {
        let read = run(&[], &raw);
        assert_eq!(
            (read.code, read.problem()),
            (Some(3), "the archive holds no files")
        );
    }
}

/// The sum of the first header of a tar archive, as it stands there.
fn sum(tar: &[u8]) -> String {
    let blank = |at| {
        if (148..156).contains(&at) {
            b' '
        } else {
            tar[at]
        }
    };
    let sum: u32 = (0..512).map(|at| u32::from(blank(at))).sum();
    format!("{sum:06o}\0 ")
}

#[test]
fn the_steps_of_a_job_are_read_only_where_its_whole_log_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let log = log();
    let (whole, setup, step) = ((WHOLE, &*log), (SETUP, &b"ready\n"[..]), (STEP, &*log));
    for (files, read) in [
        (vec![whole, setup, step], vec![(WHOLE, true)]),
        (vec![setup, step], vec![(SETUP, true), (STEP, true)]),
    ] {
        let zip = put(
            dir.path(),
            "logs.zip",
            Zip::all().next().unwrap().pack(&files),
        );
        let run = run(&[&zip], b"");
        assert_eq!((run.code, run.inputs()), (Some(1), owned(&read)));
        assert_eq!(run.report["incidents"].as_array().unwrap().len(), 1);
    }
}

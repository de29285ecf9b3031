//! Archives that were cut off, changed or made to mislead: never a panic, never a clean exit, and as much read as there is.

use std::cell::RefCell;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use whyoom::input::{self, Control, Outcome, Part, Source};

use super::packing::{self, STREAMS, Zip};
use super::{fixture, log};

/// Of each log its name, its text and how reading it went.
pub(crate) type Logs = Vec<(String, Vec<u8>, Outcome)>;

/// Reads some bytes as a file.
pub(crate) fn read(raw: &[u8]) -> Logs {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().unwrap();
    }
    FOLDER.with(|folder| {
        let path = folder.path().join("input");
        std::fs::write(&path, raw).unwrap();
        from(&path)
    })
}

fn from(path: &Path) -> Logs {
    let logs = RefCell::new(Vec::new());
    let source = Source::File(path.to_owned());
    input::read(&source, &Control::default(), &mut |part| {
        let mut logs = logs.borrow_mut();
        match part {
            Part::Begins(name) => logs.push((name.to_owned(), Vec::new(), Outcome::default())),
            Part::Text(text) => logs.last_mut().unwrap().1.extend_from_slice(text),
            Part::Ends(outcome) => logs.last_mut().unwrap().2 = outcome,
        }
    })
    .unwrap();
    logs.into_inner()
}

fn complete(logs: &Logs) -> bool {
    logs.iter().all(|(_, _, outcome)| outcome.problem.is_none())
}

static ALL: LazyLock<Vec<(String, Vec<u8>, usize)>> = LazyLock::new(all);

/// All kinds of packed inputs, small, and from how many bytes on they are known for what they are.
fn all() -> Vec<(String, Vec<u8>, usize)> {
    let log = log();
    let log = log.get(log.len() - 300..).unwrap();
    let files: &[(&str, &[u8])] = &[("a.log", b"step 1\nstep 2\n"), ("b/c.log", log)];
    let mut all = Vec::new();
    for zip in Zip::all() {
        all.push((format!("{zip:?}"), zip.pack(files), 4));
    }
    for (end, pack) in STREAMS {
        all.push((end.to_owned(), pack(log), if end == "bz2" { 10 } else { 6 }));
        all.push((
            format!("tar.{end}"),
            pack(&packing::tar(files)),
            if end == "bz2" { 10 } else { 6 },
        ));
        all.push((
            format!("zip of {end}"),
            Zip::all().last().unwrap().pack(&[("x", &pack(log))]),
            4,
        ));
    }
    let mut tar = packing::tar(files);
    // Behind the first block of zeros nothing is lost.
    tar.truncate(tar.len() - 512);
    all.push(("tar".to_owned(), tar, 108));
    for name in ["encrypted.zip", "streamed-stored.zip", "bzip2-member.zip"] {
        all.push((name.to_owned(), std::fs::read(fixture(name)).unwrap(), 4));
    }
    all
}

#[test]
fn what_is_cut_at_any_byte_is_never_taken_for_the_whole_and_read_as_far_as_it_goes() {
    for (name, raw, known) in &*ALL {
        let whole = read(raw);
        assert_eq!(complete(&whole), name != "encrypted.zip", "{name}");
        // Every byte, and of what is mostly zeros or text some.
        let step = if raw.len() > 1500 { 7 } else { 1 };
        for end in (*known..raw.len()).step_by(step) {
            let cut = read(&raw[..end]);
            assert!(!complete(&cut), "{name} cut at {end}");
            for (member, text, _) in &cut {
                // Half a header of a tar is not yet known for one.
                let Some((_, entire, _)) = whole.iter().find(|(known, ..)| known == member) else {
                    continue;
                };
                // Half of what stands behind a member cannot be told from the member.
                let more = text.starts_with(entire) && text.len() < entire.len() + 28;
                // Nor is the beginning of a packed member known for what it is.
                let mark = text.len() < 10;
                assert!(
                    entire.starts_with(text) || more || mark,
                    "{name} cut at {end}"
                );
            }
        }
        // All members but the last are whole, and the last one nearly.
        let logs = read(&raw[..raw.len() - 1]);
        let texts = |logs: &Logs| logs.iter().map(|(_, text, _)| text.len()).sum::<usize>();
        assert!(
            texts(&logs) * 10 >= texts(&whole) * 9 || name.ends_with("bz2"),
            "{name}"
        );
    }
}

#[test]
fn a_member_that_does_not_fit_its_checksum_is_named_and_those_behind_it_are_read() {
    for zip in Zip::all() {
        let mut raw = zip.pack(&[
            ("a.log", b"a line that will be changed\n"),
            ("b.log", &log()),
        ]);
        let at = raw.windows(4).position(|w| w == b"line").unwrap_or(60);
        if zip.deflated {
            continue;
        }
        raw[at] ^= 1;
        let logs = read(&raw);
        assert!(!complete(&logs), "{zip:?}");
        if !zip.streamed {
            assert_eq!(
                logs[0].2.problem.as_deref(),
                Some("reading stopped: its checksum does not fit")
            );
            assert_eq!(logs[1].1, log());
            assert_eq!(logs[1].2.problem, None);
        }
    }
}

#[test]
fn a_directory_that_does_not_fit_is_named_though_every_member_was_read() {
    for zip in Zip::all() {
        let raw = zip.pack(&[("a.log", &log())]);
        let directory = raw.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        // The place of the member, its length, the number of entries, and what stands behind the end.
        let place = directory + 42;
        let count = raw.len() - 12;
        for (at, to) in [(place, 7), (count, 9), (directory, b'X')] {
            let mut raw = raw.clone();
            raw[at] = to;
            let logs = read(&raw);
            assert!(logs[0].1.starts_with(&log()), "{zip:?}");
            assert_eq!(logs.len(), 2, "{zip:?}: {at} is not missed");
            assert!(logs[1].2.problem.is_some());
        }
        let behind = [&raw[..], b"more"].concat();
        assert_eq!(
            read(&behind)[1].2.problem.as_deref(),
            Some("reading stopped: something follows its end")
        );
    }
}

#[test]
fn what_lies_behind_the_end_of_a_tar_is_read_or_named() {
    let tar = packing::tar(&[("a.log", &log())]);
    let two = [&tar[..], &tar].concat();
    assert_eq!((read(&two).len(), complete(&read(&two))), (2, true));
    let more = [&tar[..], &b"x".repeat(512)].concat();
    assert!(!complete(&read(&more)));
}

#[test]
fn a_size_that_no_tape_holds_is_no_panic() {
    let mut raw = packing::tar(&[("a.log", &log())]);
    for size in [
        &b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"[..],
        b"77777777777\0",
        b"99999999999\0",
    ] {
        raw[124..136].copy_from_slice(size);
        let sum = super::sum(&raw);
        raw[148..156].copy_from_slice(sum.as_bytes());
        assert!(!complete(&read(&raw)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_are_no_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5)
    ) {
        let (_, raw, _) = &ALL[which.index(ALL.len())];
        let mut raw = raw.clone();
        for (at, byte) in changes {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        read(&raw);
    }
}

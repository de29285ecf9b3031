//! A snapshot beside other inputs: its log, the ranks of its job, another snapshot; and what the command says of them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::cases::{folders, log, unpacked};
use whyoom::{Log, Reader, join, join_snapshots};

fn whyoom(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args(arguments)
        .output()
        .unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str, raw: &[u8]) -> String {
    let path: PathBuf = folder.path().join(name);
    fs::write(&path, raw).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The message of the same failure, as PyTorch 2.11 printed it on that card.
const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 139.80 GiB of \
     which 523.12 MiB is free. Including non-PyTorch memory, this process has 139.28 GiB memory in use. Of the allocated \
     memory 138.61 GiB is allocated by PyTorch, and 11.23 MiB is reserved by PyTorch but unallocated.\n";

fn text(source: &str, raw: &[u8]) -> Log {
    let mut reader = Reader::new(source);
    reader.push(raw);
    reader.whole()
}

#[test]
fn a_log_and_its_snapshot_are_one_failure() {
    for log_first in [true, false] {
        let told = text("train.log", MESSAGE.as_bytes());
        let snapshot = log(&folders()[2]);
        let mut both = if log_first {
            vec![told, snapshot]
        } else {
            vec![snapshot, told]
        };
        join_snapshots(&mut both);
        let of_log = usize::from(!log_first);
        assert_eq!(both[of_log].incidents.len(), 1);
        assert!(both[1 - of_log].incidents.is_empty());
        let one = &both[of_log].incidents[0];
        assert_eq!(one.place.source, "train.log");
        assert!(one.holdings.is_some());
        assert_eq!(one.frame.as_ref().unwrap().line, 37);
    }
}

/// The allocator's table of the same moment, as an observer wrote it: exact in `memory_stats()`.
const TABLE: &str = "OrderedDict([('allocated_bytes.all.current', 148829388800), ('allocated_bytes.all.peak', 148829388800), \
     ('num_ooms', 1), ('reserved_bytes.all.current', 148841168896), ('reserved_bytes.all.peak', 148841168896)])\n";

#[test]
fn a_table_in_a_file_of_its_own_is_the_failure_that_counts_the_same() {
    let alone = text("stats.txt", TABLE.as_bytes());
    assert_eq!(
        alone.incidents.len(),
        1,
        "a table with a failure in it is one"
    );
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let parts = [
            text("train.log", MESSAGE.as_bytes()),
            text("stats.txt", TABLE.as_bytes()),
            log(&folders()[2]),
        ];
        let mut all: Vec<Log> = order.iter().map(|at| parts[*at].clone()).collect();
        join_snapshots(&mut all);
        let left = all.iter().flat_map(|log| &log.incidents);
        let left: Vec<&str> = left.map(|one| one.place.source.as_str()).collect();
        assert_eq!(left, ["train.log"], "{order:?}");
    }
    let other = TABLE.replace("148829388800", "148729388800");
    let mut both = vec![
        text("train.log", MESSAGE.as_bytes()),
        text("stats.txt", other.as_bytes()),
    ];
    join_snapshots(&mut both);
    assert!(
        both.iter().all(|log| log.incidents.len() == 1),
        "of another moment"
    );
}

#[test]
fn a_log_of_another_failure_stays_by_itself() {
    let other = MESSAGE.replace("2.50 GiB", "2.51 GiB");
    let mut both = vec![text("train.log", other.as_bytes()), log(&folders()[2])];
    join_snapshots(&mut both);
    assert!(both.iter().all(|log| log.incidents.len() == 1));
}

#[test]
fn the_command_tells_both_as_one_whatever_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let raw = unpacked(folders()[2].file_name().unwrap().to_str().unwrap());
    for names in [["a.log", "b.bin"], ["b.log", "a.bin"]] {
        let log = file(&folder, names[0], MESSAGE.as_bytes());
        let snapshot = file(&folder, names[1], &raw);
        let mut paths = [log, snapshot];
        paths.sort();
        for format in ["json", "ndjson"] {
            let output = whyoom(&["--format", format, &paths[0], &paths[1]]);
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(text.matches("\"causes\"").count(), 1, "{text}");
            assert!(text.contains("\"kinds\""), "{text}");
        }
    }
}

#[test]
fn snapshots_of_ranks_are_one_job() {
    let raw = unpacked("exhaust-forward-batch");
    let mut all: Vec<_> = (0..3)
        .map(|rank| text(&format!("rank{rank}.pickle"), &raw))
        .collect();
    join(&mut all);
    let left: Vec<usize> = all.iter().map(|d| d.incidents.len()).collect();
    assert_eq!(left, [1, 0, 0]);
    assert_eq!(all[0].incidents[0].ranks(), [0, 1, 2]);
}

#[test]
fn a_snapshot_in_a_folder_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    file(&folder, "oom.bin", &unpacked("exhaust-load-fp32"));
    file(&folder, "notes.txt", b"nothing here\n");
    let output = whyoom(&[folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("exhaust_load_fp32.py:31"), "{text}");
    let raw = unpacked("exhaust-load-fp32");
    // However little of it was written, and beside whatever else: the folder is not read to its end until the snapshot is.
    for length in [raw.len() / 2, raw.len() - 1, 400, 40, 3, 0] {
        let cut = file(&folder, "cut.pickle", &raw[..length]);
        for of in [&cut[..], folder.path().to_str().unwrap()] {
            let output = whyoom(&[of]);
            assert_eq!(output.status.code(), Some(3), "{length} of {of}");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(
                text.contains("cut.pickle") && text.contains("it is cut off"),
                "{length} of {of}: {text}"
            );
        }
    }
    // A log that is empty is a log.
    let empty = file(&folder, "empty.log", b"");
    assert_eq!(whyoom(&[&empty]).status.code(), Some(0));
}

#[test]
fn what_grew_between_two_snapshots_is_told_by_stack() {
    let folder = tempfile::tempdir().unwrap();
    let before = file(&folder, "a.pickle", &unpacked("exhaust-forward-batch"));
    let after = file(&folder, "b.pickle", &unpacked("exhaust-eval-keeps-graph"));
    let same = whyoom(&["diff", &before, &before]);
    assert_eq!(same.status.code(), Some(0));
    assert!(
        String::from_utf8(same.stdout)
            .unwrap()
            .contains("as much as before")
    );
    let output = whyoom(&["diff", &before, &after]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("6 GiB less in use"), "{text}");
    assert!(text.contains("new, ") && text.contains("gone, "), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let own = "nets.py:37 forward < nets.py:52 features < nets.py:56 forward, by linear.py:134 forward (new, 16 blocks)";
    assert!(
        words.contains(own),
        "the program's own lines come first: {text}"
    );
    let json = whyoom(&["diff", &before, &after, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let sum = |key: &str| {
        let stacks = json[0]["stacks"].as_array().unwrap();
        stacks.iter().map(|s| s[key].as_i64().unwrap()).sum::<i64>()
    };
    let by = sum("after") - sum("before");
    let all = |key: &str| json[0][key].as_i64().unwrap();
    assert_eq!(by, all("allocated_after") - all("allocated_before"));
    let log = file(&folder, "train.log", MESSAGE.as_bytes());
    assert_eq!(whyoom(&["diff", &before, &log]).status.code(), Some(2));
}

#[test]
fn folded_stacks_sum_up_to_what_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.pickle", &unpacked("leak-outputs-list"));
    let output = whyoom(&[&path, "--format", "folded"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let bytes = text.lines().map(|line| line.rsplit_once(' ').unwrap().1);
    let sum: u64 = bytes.map(|bytes| bytes.parse::<u64>().unwrap()).sum();
    assert_eq!(sum, 148_217_618_432);
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("<module> (/home/user/project/leak_outputs_list.py:12);"),
        "{first}"
    );
}

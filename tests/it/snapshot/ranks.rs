//! The snapshots of one job's ranks: one failure, and a table of what each rank held.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::made::{self, event, pickle, segment, snapshot};

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;

/// A rank that holds 20 MiB and this much, all from line 7, on this GPU; it fails, or not.
fn rank(device: u64, held: u64, fails: bool) -> Vec<u8> {
    refused(device, held, fails.then_some(64 * MIB))
}

/// The same, with what it asked for where it fails.
fn refused(device: u64, held: u64, asked: Option<u64>) -> Vec<u8> {
    let mut events = vec![
        event("segment_alloc", BASE, held + 20 * MIB, 1),
        event("alloc", BASE, 20 * MIB, 10),
        event("alloc", BASE + 20 * MIB, held, 20),
    ];
    if let Some(asked) = asked {
        events.push(event("oom", 5 * MIB, asked, 40));
    }
    let mut own = segment(BASE, &[(20 * MIB, true), (held, true)]);
    if let made::Value::Dict(items) = &mut own {
        items[0].1 = made::Value::Int(device);
    }
    let mut value = snapshot(vec![own], events);
    if let made::Value::Dict(items) = &mut value
        && let made::Value::List(traces) = &mut items[1].1
    {
        for _ in 0..device {
            traces.insert(0, made::Value::List(vec![]));
        }
    }
    pickle(&value, 4)
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, raw) in files {
        std::fs::write(folder.path().join(name), raw).unwrap();
    }
    folder
}

/// What the command says of a folder.
fn told(folder: &Path, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args([".", "--no-config", "--format", format])
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path) -> Value {
    let report: Value = serde_json::from_str(&told(folder, "json")).unwrap();
    let schema: Value = serde_json::from_str(&whyoom::report::json::schema()).unwrap();
    let wrong = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> = wrong.iter_errors(&report).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    report
}

#[test]
fn ranks_stand_beside_each_other_with_what_differs_most() {
    let folder = folder(&[
        ("rank0.pickle", rank(0, 300 * MIB, true)),
        ("rank1.pickle", rank(1, 100 * MIB, true)),
        ("rank2.pickle", rank(2, 110 * MIB, false)),
    ]);
    let report = json(folder.path());
    let skew = &report["skew"][0];
    assert_eq!(skew["by"], "rank");
    assert_eq!(skew["spread"], 200 * MIB);
    let numbers = |key: &str| -> Vec<u64> {
        let ranks = skew["ranks"].as_array().unwrap();
        ranks
            .iter()
            .map(|rank| rank[key].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers("number"), [0, 1, 2]);
    assert_eq!(numbers("allocated"), [320 * MIB, 120 * MIB, 130 * MIB]);
    assert_eq!(skew["ranks"][2]["at"], "peak");
    let line = &skew["lines"][0];
    assert_eq!(line["frame"]["line"], 7);
    let bytes = [320 * MIB, 120 * MIB, 130 * MIB].map(Value::from);
    assert_eq!(line["bytes"], Value::from(bytes.to_vec()));
    let kinds = skew["kinds"].as_array().unwrap();
    assert_eq!(kinds[0]["spread"], 200 * MIB);

    let text = told(folder.path(), "terminal");
    insta::assert_snapshot!(text.split("How the ").nth(1).unwrap().split("\n\n").next().unwrap(), @r"
    3 ranks differ: rank 0 holds 200 MiB more than rank 1
      rank   in use  the program's own  at
         0  320 MiB            320 MiB  the failure
         1  120 MiB            120 MiB  the failure
         2  130 MiB            130 MiB  its peak
      Lines that differ most:
        train.py:7: the program's own, 320 MiB on rank 0, 120 MiB on rank 1
    ");
    for format in ["markdown", "html"] {
        let page = told(folder.path(), format);
        assert!(
            page.contains("rank 0 holds 200 MiB more than rank 1"),
            "{page}"
        );
    }
}

#[test]
fn ranks_that_hold_the_same_are_said_to() {
    let files = ["rank0.pickle", "rank1.pickle"].map(|name| (name, rank(0, 300 * MIB, true)));
    let text = told(folder(&files).path(), "terminal");
    assert!(
        text.contains("The 2 ranks hold about the same: 320 MiB in use on each"),
        "{text}"
    );
}

#[test]
fn records_of_one_program_on_several_gpus_need_no_rank_in_their_names() {
    let two = |names: [&'static str; 2], devices: [u64; 2]| {
        let held = [300 * MIB, 100 * MIB];
        let files = [0, 1].map(|n| (names[n], rank(devices[n], held[n], true)));
        json(folder(&files).path())["skew"].clone()
    };
    assert_eq!(two(["a.pickle", "b.pickle"], [0, 1])[0]["by"], "GPU");
    assert_eq!(two(["s_0.pickle", "s_1.pickle"], [0, 1])[0]["by"], "rank");
    // A number that is no GPU's is that of a step or a process.
    assert_eq!(two(["s-71.pickle", "s-72.pickle"], [0, 1])[0]["by"], "GPU");
    // One process wrote both.
    assert!(two(["a.pickle", "b.pickle"], [0, 0]).is_null());
    assert!(two(["s_0.pickle", "s_1.pickle"], [0, 0]).is_null());
}

#[test]
fn of_many_ranks_those_with_the_most_and_the_least_are_shown() {
    let names: Vec<String> = (0..40).map(|n| format!("rank{n}.pickle")).collect();
    let files = names.iter().zip(0..);
    let files: Vec<_> = files
        .map(|(name, n)| (name.as_str(), rank(0, (100 + n) * MIB, n % 2 == 0)))
        .collect();
    let text = told(folder(&files).path(), "terminal");
    assert!(
        text.contains("rank 39 holds 39 MiB more than rank 0"),
        "{text}"
    );
    assert!(text.contains("29 more ranks lie between these."), "{text}");
}

/// What a rank's program prints of the failure that its record has.
fn message(rank: u32, asked: u64, allocated: u64) -> String {
    format!(
        "[rank{rank}]: Traceback (most recent call last):\n[rank{rank}]:   File \"train.py\", line 7, in step\n\
         [rank{rank}]:     loss.backward()\n\
         [rank{rank}]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {asked}.00 MiB. GPU {rank} has a total capacity of \
         1.00 GiB of which 5.00 MiB is free. Including non-PyTorch memory, this process has 1019.00 MiB memory in use. Of the allocated \
         memory {allocated}.00 MiB is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.\n"
    )
}

#[test]
fn a_log_of_several_ranks_and_the_record_of_each_are_one_failure() {
    let log = message(0, 64, 320) + &message(1, 128, 310);
    let first = ("snapshot-rank0.pickle", rank(0, 300 * MIB, true));
    let second = refused(1, 290 * MIB, Some(128 * MIB));
    let second = ("snapshot-rank1.pickle", second);
    let log = ("output.log", log.into_bytes());
    // The second alone is of a rank whose message stands behind the first one's.
    for files in [
        vec![log.clone(), first, second.clone()],
        vec![log.clone(), second],
    ] {
        let report = json(folder(&files).path());
        let incidents = report["incidents"].as_array().unwrap();
        assert_eq!(incidents.len(), 1, "{incidents:#?}");
        assert_eq!(incidents[0]["ranks"].as_array().unwrap().len(), 2);
        assert_eq!(
            report["skew"].as_array().map_or(0, Vec::len),
            files.len() - 2
        );
    }
    let other = refused(1, 200 * MIB, Some(128 * MIB));
    let files = [log, ("snapshot-rank1.pickle", other)];
    let report = json(folder(&files).path());
    let incidents = report["incidents"].as_array().map(Vec::len);
    assert_eq!(incidents, Some(2), "a failure that no message tells");
}

#[test]
fn ranks_that_did_not_fail_stand_in_one_table_with_the_one_that_did() {
    let folder = folder(&[
        ("rank0.pickle", rank(0, 100 * MIB, false)),
        ("rank1.pickle", rank(1, 100 * MIB, false)),
        ("rank2.pickle", rank(2, 300 * MIB, true)),
        ("rank3.pickle", rank(3, 100 * MIB, false)),
    ]);
    let report = json(folder.path());
    let tables = report["skew"].as_array().unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0]["ranks"].as_array().unwrap().len(), 4);
}

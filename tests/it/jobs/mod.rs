//! Ranks that write a file each: what the files of one job say of one failure is one failure, and nothing else is.

mod outputs;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A rank's standard error, with these figures.
fn message(tried: &str, free: &str, allocated: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/home/user/train.py\", line 87, in main\n    loss.backward()\n\
         torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried} GiB. GPU 0 has a total capacity of 79.15 GiB of \
         which {free} GiB is free. Including non-PyTorch memory, this process has 77.90 GiB memory in use. Of the allocated \
         memory {allocated} GiB is allocated by PyTorch, and 1.00 GiB is reserved by PyTorch but unallocated.\n"
    )
}

fn usual() -> String {
    message("2.00", "1.20", "70.40")
}

/// A folder with these files.
fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let top = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = top.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    top
}

fn whyoom(top: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    let output = command
        .args(arguments)
        .arg(".")
        .current_dir(top)
        .env_clear()
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn incidents(files: &[(&str, String)]) -> Vec<Value> {
    let top = folder(files);
    let report: Value = serde_json::from_str(&whyoom(top.path(), &["--format", "json"])).unwrap();
    report.get("incidents").unwrap().as_array().unwrap().clone()
}

fn notes(incident: &Value) -> String {
    incident["notes"].to_string()
}

/// A line of c10 at a second of one minute.
fn c10(second: &str) -> String {
    format!(
        "[W1120 12:00:{second}.250000000 ProcessGroupNCCL.cpp:1250] Warning: destroy_process_group() was not called\n"
    )
}

#[test]
fn eight_ranks_that_fail_alike_are_one_failure() {
    let names: Vec<String> = (0..8)
        .map(|r| format!("none_x1/attempt_0/{r}/stderr.log"))
        .collect();
    let files: Vec<(&str, String)> = names.iter().map(|n| (n.as_str(), usual())).collect();
    let found = incidents(&files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["repeats"], 8);
    assert_eq!(
        found[0]["ranks"],
        serde_json::json!([0, 1, 2, 3, 4, 5, 6, 7])
    );
    assert_eq!(found[0]["elsewhere"].as_array().unwrap().len(), 7);
    assert!(
        notes(&found[0]).contains("Which was first cannot be told"),
        "{}",
        notes(&found[0])
    );
}

#[test]
fn the_first_rank_is_told_by_the_times() {
    let at = |second: &str| format!("{}{}{}", c10(second), usual(), c10(second));
    let found = incidents(&[
        ("rank_0.log", at("05")),
        ("rank_1.log", at("04")),
        ("rank_2.log", at("07")),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["rank"], &found[0]["source"]),
        (&Value::from(1), &Value::from("./rank_1.log"))
    );
    assert!(
        notes(&found[0]).contains("Rank 1 failed first by the times in the logs, before 0, 2."),
        "{}",
        notes(&found[0])
    );
}

#[test]
fn times_that_leave_it_open_tell_nothing() {
    let found = incidents(&[
        ("rank_0.log", format!("{}{}", c10("05"), usual())),
        ("rank_1.log", format!("{}{}", c10("04"), usual())),
    ]);
    assert!(notes(&found[0]).contains("cannot be told"));
}

#[test]
fn one_failure_of_a_rank_in_two_of_its_files_is_one() {
    let error = |second: u32| {
        let text = usual().replace('"', "\\\"").replace('\n', "\\n");
        format!(
            "{{\"message\": {{\"message\": \"{text}\", \"extraInfo\": {{\"timestamp\": \"17321040{second:02}\"}}}}}}\n"
        )
    };
    let found = incidents(&[
        ("l/r_1/attempt_0/0/stderr.log", usual()),
        ("l/r_1/attempt_0/0/error.json", error(9)),
        ("l/r_1/attempt_0/1/stderr.log", usual()),
        ("l/r_1/attempt_0/1/error.json", error(3)),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["repeats"], &found[0]["rank"]),
        (&Value::from(2), &Value::from(1))
    );
    assert!(
        notes(&found[0]).contains("by the times"),
        "{}",
        notes(&found[0])
    );
}

#[test]
fn a_second_attempt_is_a_repeat() {
    let found = incidents(&[
        ("r_1/attempt_0/3/stderr.log", usual()),
        ("r_1/attempt_1/0/stderr.log", usual()),
    ]);
    assert_eq!(
        (found.len(), &found[0]["repeats"], &found[0]["rank"]),
        (1, &Value::from(2), &Value::from(3))
    );
    assert!(notes(&found[0]).contains("Rank 3 failed alone at the first attempt, later 0."));
}

#[test]
fn other_jobs_and_other_files_are_never_joined() {
    for (a, b) in [
        ("jobA_rank0.log", "jobB_rank1.log"),
        ("a/rank_0.log", "b/rank_1.log"),
        ("r_1/attempt_0/0/stderr.log", "r_2/attempt_0/1/stderr.log"),
        ("slurm-48211_0.out", "slurm-48212_1.out"),
        ("slurm-48211_0.out", "slurm-48211_1.out"),
        ("log_0.txt", "log_1.txt"),
        ("monday.log", "tuesday.log"),
    ] {
        let found = incidents(&[(a, usual()), (b, usual())]);
        assert_eq!(found.len(), 2, "{a} {b}");
    }
}

#[test]
fn a_bare_number_is_a_rank_where_the_lines_say_so() {
    let ranked = |rank: u32| {
        let lines = usual();
        lines
            .lines()
            .map(|l| format!("[rank{rank}]: {l}\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    let found = incidents(&[
        ("slurm-48211_0.out", ranked(0)),
        ("slurm-48211_1.out", ranked(1)),
    ]);
    assert_eq!((found.len(), &found[0]["repeats"]), (1, &Value::from(2)));
    // Two jobs of an array, each with a rank 0.
    let found = incidents(&[
        ("slurm-48211_0.out", ranked(0)),
        ("slurm-48211_1.out", ranked(0)),
    ]);
    assert_eq!(found.len(), 2);
}

#[test]
fn the_path_gives_the_rank_and_a_line_knows_better() {
    let found = incidents(&[("rank_3.log", usual())]);
    assert_eq!(found[0]["rank"], 3);
    let line = usual()
        .lines()
        .map(|l| format!("[rank11]: {l}\n"))
        .collect::<Vec<_>>()
        .concat();
    let found = incidents(&[("rank_3.log", line)]);
    assert_eq!(found[0]["rank"], 11);
}

#[test]
fn what_followed_in_other_files_is_attached_and_not_counted() {
    let watchdog = "[rank1]:[E1120 12:10:01.250000000 ProcessGroupNCCL.cpp:616] [Rank 1] Watchdog caught collective operation \
        timeout: WorkNCCL(SeqNum=42, OpType=ALLREDUCE) ran for 600000 milliseconds before timing out.\n";
    let nccl = "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:275, unhandled \
        cuda error (run with NCCL_DEBUG=INFO for details)\nncclUnhandledCudaError: Call to CUDA function failed.\n\
        Last error:\nCuda failure 2 'out of memory'\n";
    let found = incidents(&[
        ("rank_0.log", usual()),
        ("rank_1.log", watchdog.to_owned()),
        ("rank_2.log", nccl.to_owned()),
    ]);
    assert_eq!(
        (found.len(), &found[0]["repeats"]),
        (1, &Value::from(1)),
        "{found:?}"
    );
    let tells: Vec<_> = found[0]["elsewhere"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["rank"], &e["tells"]))
        .collect();
    assert_eq!(tells.len(), 2, "{tells:?}");
    assert!(tells.iter().all(|(_, tells)| *tells == "follows"));
    assert!(
        notes(&found[0]).contains("./rank_1.log:1"),
        "{}",
        notes(&found[0])
    );
}

#[test]
fn the_rank_that_differs_is_named() {
    let mut files: Vec<(String, String)> =
        (0..6).map(|r| (format!("rank_{r}.log"), usual())).collect();
    files[4].1 = message("2.00", "1.20", "40.00");
    let files: Vec<(&str, String)> = files.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let found = incidents(&files);
    assert_eq!(found.len(), 1);
    assert!(
        notes(&found[0]).contains("Of them, rank 4 held 40.00 GiB, the others about 70.40 GiB"),
        "{}",
        notes(&found[0])
    );
}

#[test]
fn ranks_that_fail_in_different_ways_stay_apart_and_know_of_each_other() {
    let other = message("7.00", "1.20", "70.40").replace("line 87", "line 12");
    let found = incidents(&[("rank_0.log", usual()), ("rank_1.log", other)]);
    assert_eq!(found.len(), 2);
    assert!(
        notes(&found[1]).contains("Rank 0 of this job failed in another way (./rank_0.log:4)"),
        "{}",
        notes(&found[1])
    );
}

#[test]
fn two_ranks_on_one_gpu_are_found_across_files() {
    let on_one = |pid: u32, own: &str, other: &str| {
        format!(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of \
             which 1.20 GiB is free. Process {pid} has {other} GiB memory in use. Including non-PyTorch memory, this process has \
             {own} GiB memory in use. Of the allocated memory 30.00 GiB is allocated by PyTorch, and 1.00 GiB is reserved by \
             PyTorch but unallocated.\n"
        )
    };
    let found = incidents(&[
        ("out/1/rank.0/stderr", on_one(4242, "40.31", "37.64")),
        ("out/1/rank.1/stderr", on_one(4241, "37.64", "40.31")),
    ]);
    assert_eq!(found.len(), 1);
    let cause = &found[0]["causes"][0];
    assert_eq!(
        (&cause["finding"], &cause["confidence"]),
        (&Value::from("ranks-on-one-gpu"), &Value::from("proven"))
    );
}

#[test]
fn lines_of_ndjson_come_in_order_and_wait_only_for_their_job() {
    let top = folder(&[
        ("a.log", message("1.00", "0.20", "70.40")),
        ("rank_0.log", usual()),
        ("rank_1.log", usual()),
        ("z.log", message("3.00", "0.20", "70.40")),
    ]);
    for jobs in ["1", "3"] {
        let out = whyoom(top.path(), &["--format", "ndjson", "--jobs", jobs]);
        let lines: Vec<Value> = out
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        let sources: Vec<_> = lines
            .iter()
            .map(|l| l["source"].as_str().unwrap())
            .collect();
        assert_eq!(sources, ["./a.log", "./rank_0.log", "./z.log"]);
        assert_eq!(lines[1]["repeats"], 2);
    }
}

#[test]
fn a_ranks_message_that_a_terminal_wrapped_is_whole() {
    let message = usual();
    let message = format!("[rank3]: {}", message.lines().last().unwrap());
    let chars: Vec<char> = message.chars().collect();
    let rows = chars.chunks(100).map(|row| row.iter().collect::<String>());
    let log = format!(
        "[rank1]: step 4\n{}\n[rank1]: step 5\n",
        rows.collect::<Vec<_>>().join("\n")
    );
    let found = incidents(&[("train.log", log)]);
    assert_eq!((found.len(), &found[0]["rank"]), (1, &Value::from(3)));
    assert_eq!(found[0]["facts"]["allocated"]["text"], "70.40 GiB");
}

#[test]
fn an_archive_before_them_does_not_keep_ranks_apart() {
    let files = [0, 1, 2].map(|rank| (format!("none_x1/attempt_0/{rank}/stderr.log"), usual()));
    let files: Vec<(&str, String)> = files.iter().map(|f| (f.0.as_str(), f.1.clone())).collect();
    let top = folder(&files);
    let mut archive = tar::Builder::new(fs::File::create(top.path().join("a.tar")).unwrap());
    for name in ["1.log", "2.log"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(7);
        archive
            .append_data(&mut header, name, &b"step 1\n"[..])
            .unwrap();
    }
    archive.into_inner().unwrap();
    let report: Value = serde_json::from_str(&whyoom(top.path(), &["--format", "json"])).unwrap();
    let found = report["incidents"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["repeats"], 3);
}

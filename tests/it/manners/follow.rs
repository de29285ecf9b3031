//! `--follow`: each failure is reported as soon as it is complete, whatever becomes of the file.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{MESSAGE, pipe, put, until, whyoom};

/// A run that goes on, and all that it has written so far.
pub(super) struct Following {
    child: Child,
    out: Arc<Mutex<String>>,
    pub(super) err: Arc<Mutex<String>>,
}

/// Gathers a stream beside the test.
fn gather(mut stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            let text = String::from_utf8_lossy(buffer.get(..read).unwrap()).into_owned();
            into.lock().unwrap().push_str(&text);
        }
    });
    text
}

pub(super) fn follow(arguments: &[&str]) -> Following {
    let mut command = whyoom(&["--follow"]);
    let mut child = command.args(arguments).spawn().unwrap();
    let out = gather(child.stdout.take().unwrap());
    let err = gather(child.stderr.take().unwrap());
    Following { child, out, err }
}

/// A test that fails leaves nothing running behind it.
impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Following {
    fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    fn until_it_writes(&self, text: &str) {
        until(text, || self.out().contains(text));
    }

    pub(super) fn until_it_says(&self, text: &str) {
        until(text, || self.err().contains(text));
    }

    /// So many failures as lines of JSON.
    fn failures(&self, count: usize) -> Vec<Value> {
        until("failures", || self.out().matches('\n').count() >= count);
        let out = self.out();
        let whole = out.split_inclusive('\n').filter(|l| l.ends_with('\n'));
        whole
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Interrupts it and takes its exit code.
    pub(super) fn end(mut self) -> i32 {
        let id = i32::try_from(self.child.id()).unwrap();
        // A run that has only just begun would be ended without its handler.
        let status = format!("/proc/{id}/status");
        until("the handlers are there", || {
            let status = fs::read_to_string(&status).unwrap();
            let mask = status
                .lines()
                .find_map(|l| l.strip_prefix("SigCgt:"))
                .unwrap();
            u64::from_str_radix(mask.trim(), 16).unwrap() >> 1 & 1 == 1
        });
        kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

pub(super) fn append(path: impl AsRef<Path>, text: &str) {
    let mut options = fs::OpenOptions::new();
    let mut file = options.append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_failure_is_reported_while_the_log_is_open_and_ctrl_c_is_the_normal_end() {
    for (format, shown) in [
        ("terminal", "GPU 0 ran out of memory"),
        ("ndjson", "\"fingerprint\":"),
        ("markdown", "## GPU 0 ran out of memory"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let log = put(folder.path(), "a.log", "step 1\n");
        let following = follow(&["-f", format, &log]);
        append(&log, &format!("step 2\n{MESSAGE}"));
        following.until_it_writes(shown);
        following.until_it_writes(if format == "ndjson" {
            "\"line\":3"
        } else {
            ":3"
        });
        append(&log, &MESSAGE.replace("33.55", "20.00"));
        let count = |text: &str| text.matches(shown).count();
        until("the second failure", || count(&following.out()) >= 2);
        let err = Arc::clone(&following.err);
        assert_eq!(following.end(), 1);
        until("the sum", || err.lock().unwrap().contains("2 failures"));
    }
}

#[test]
fn a_log_that_never_rests_does_not_hold_a_report_back() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let following = follow(&[&log]);
    let mut written = 0;
    append(&log, MESSAGE);
    until("the report", || {
        append(&log, "step loss 0.5\n");
        written += 1;
        following.out().contains("GPU 0 ran out of memory")
    });
    // Long before as many lines as a neighbourhood may have, were they written at the pace of training.
    assert!(written < 2000, "{written}");
    assert_eq!(following.end(), 1);
}

#[test]
fn a_message_comes_with_what_is_printed_beside_it_and_a_last_line_needs_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let following = follow(&["-f", "ndjson", &log]);
    append(&log, "Traceback (most recent call last):\n");
    append(
        &log,
        "  File \"train.py\", line 7, in main\n    y = model(x)\n",
    );
    append(&log, MESSAGE.trim_end());
    let failures = following.failures(1);
    assert_eq!(failures[0]["frame"]["file"], "train.py");
    assert_eq!(failures[0]["line"], 4);
    assert_eq!(following.end(), 1);
}

#[test]
fn rotation_and_truncation_lose_nothing_and_lines_count_from_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    let following = follow(&["-f", "ndjson", log.to_str().unwrap()]);
    following.until_it_says("waiting for it");
    let message = |tried: &str| MESSAGE.replace("33.55", tried);
    append(&log, &format!("one\ntwo\n{}", message("30.00")));
    assert_eq!(following.failures(1)[0]["line"], 3);
    fs::rename(&log, folder.path().join("a.log.1")).unwrap();
    append(&log, &format!("one\n{}", message("31.00")));
    let failures = following.failures(2);
    assert_eq!(failures[1]["line"], 2);
    following.until_it_says("another file has its name now; its lines count from 1 again");
    fs::write(&log, "").unwrap();
    following.until_it_says("it was cut to nothing or less than before; its lines count");
    append(&log, &message("32.00"));
    assert_eq!(following.failures(3)[2]["line"], 1);
    let tried = |n: usize| following.failures(3)[n]["facts"]["tried"]["text"].clone();
    assert_eq!(
        [tried(0), tried(1), tried(2)],
        ["30.00 GiB", "31.00 GiB", "32.00 GiB"]
    );
    assert_eq!(following.end(), 1);
}

#[test]
fn several_inputs_are_followed_and_what_repeats_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let logs = ["a.log", "b.log", "c.log"].map(|name| put(folder.path(), name, MESSAGE));
    let following = follow(&["-f", "ndjson", folder.path().to_str().unwrap()]);
    following.failures(3);
    append(&logs[1], MESSAGE);
    following.until_it_says("b.log`, line 2: the failure of line 1 again, 2 times so far");
    assert_eq!(following.out().lines().count(), 3);
    assert_eq!(following.end(), 1);
}

#[test]
fn what_other_ranks_of_the_job_say_of_a_failure_is_told_as_a_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let log = |name: &str| {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        put(folder.path(), name, "step 1\n")
    };
    let names = [0, 1, 2, 3].map(|rank| format!("attempt_0/{rank}/stderr.log"));
    let logs = names.each_ref().map(|name| log(name));
    let other = log("r_2/attempt_0/1/stderr.log");
    let following = follow(&["-f", "ndjson", folder.path().to_str().unwrap()]);
    append(&logs[1], MESSAGE);
    assert_eq!(following.failures(1)[0]["rank"], 1);
    append(&logs[3], MESSAGE);
    let first = format!("{}:2", logs[1]);
    following.until_it_says(&format!(
        "{}`, line 2: the same failure, rank 3, as at {first}, 2 times so far",
        logs[3]
    ));
    let nccl = "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:275, unhandled \
        cuda error\nncclUnhandledCudaError: Call to CUDA function failed.\nLast error:\nCuda failure 2 'out of memory'\n";
    append(&logs[0], nccl);
    following.until_it_says(&format!(
        "what followed from the failure, rank 0, as at {first}"
    ));
    // Another failure of the job, the same failure of another job, and a run that begins anew.
    append(&logs[2], &MESSAGE.replace("33.55", "20.00"));
    assert_eq!(following.failures(2)[1]["rank"], 2);
    append(&other, MESSAGE);
    assert_eq!(following.failures(3)[2]["source"], other);
    fs::write(&logs[3], "").unwrap();
    following.until_it_says("its lines count from 1 again");
    append(&logs[3], MESSAGE);
    assert_eq!(following.failures(4)[3]["line"], 1);
    let err = Arc::clone(&following.err);
    assert_eq!(following.end(), 1);
    until("the sum", || {
        err.lock().unwrap().contains("5 inputs") && err.lock().unwrap().contains(": 4 failures")
    });
}

#[test]
fn a_bare_number_in_a_name_joins_only_files_whose_lines_name_their_rank() {
    for (ranked, failures) in [(true, 1), (false, 2)] {
        let folder = tempfile::tempdir().unwrap();
        let logs = [1, 2].map(|rank| put(folder.path(), &format!("slurm-48211_{rank}.out"), ""));
        let following = follow(&["-f", "ndjson", folder.path().to_str().unwrap()]);
        for (rank, log) in (1..).zip(&logs) {
            let label = if ranked {
                format!("[rank{rank}]: ")
            } else {
                String::new()
            };
            append(log, &format!("{label}{MESSAGE}"));
            if rank == 1 || !ranked {
                following.failures(rank);
            } else {
                following.until_it_says("the same failure, rank 2, as at");
            }
        }
        assert_eq!(following.out().lines().count(), failures, "{ranked}");
        assert_eq!(following.end(), 1);
    }
}

#[test]
fn a_stream_is_followed_to_its_end() {
    let mut following = follow(&["-f", "ndjson"]);
    let mut stdin = following.child.stdin.take().unwrap();
    stdin
        .write_all(format!("step 1\n{MESSAGE}").as_bytes())
        .unwrap();
    assert_eq!(following.failures(1)[0]["line"], 2);
    drop(stdin);
    assert_eq!(following.child.wait().unwrap().code(), Some(1));
    let mut clean = follow(&[]);
    drop(clean.child.stdin.take());
    assert_eq!(clean.child.wait().unwrap().code(), Some(0));
    // A named pipe may get its writer later.
    let folder = tempfile::tempdir().unwrap();
    let named = pipe(folder.path(), "pipe");
    let mut following = follow(&["-f", "ndjson", &named]);
    append(&named, MESSAGE);
    following.failures(1);
    assert_eq!(following.child.wait().unwrap().code(), Some(1));
}

#[test]
fn the_end_says_whether_something_was_found_and_whether_all_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "all is well\n");
    assert_eq!(follow(&[&log]).end(), 0);
    let missing = folder.path().join("missing.log");
    let following = follow(&["--quiet", &log, missing.to_str().unwrap()]);
    let err = Arc::clone(&following.err);
    assert_eq!(following.end(), 3);
    until("what was not read", || {
        err.lock().unwrap().ends_with("missing.log` was not read\n")
    });
    append(&log, MESSAGE);
    let following = follow(&["--exit-zero", &log]);
    following.until_it_writes("GPU 0 ran out of memory");
    assert_eq!(following.end(), 0);
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(MESSAGE.as_bytes()).unwrap();
    for raw in [b"\x1f\x8b\x08 and more".to_vec(), packer.finish().unwrap()] {
        let packed = put(folder.path(), "packed.log", "");
        fs::write(&packed, raw).unwrap();
        let mut following = follow(&[&packed]);
        assert_eq!(following.child.wait().unwrap().code(), Some(3));
        following.until_it_says("it is packed");
    }
}

#[test]
fn a_format_that_is_one_report_is_wrong_use_and_the_reason_is_said() {
    for output in whyoom::report::ALL.iter().filter(|output| !output.follows) {
        let run = whyoom(&["--follow", "-f", output.name]).output().unwrap();
        assert_eq!(run.status.code(), Some(2), "{}", output.name);
        let err = String::from_utf8(run.stderr).unwrap();
        assert!(err.contains("is one report at the end"), "{err}");
    }
    let run = whyoom(&["--follow", "--since", "x"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
}

#[test]
fn readings_so_far_are_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let following = follow(&[&log]);
    for step in 1..60 {
        append(
            &log,
            &format!("step {step}: allocated {}.50 GiB\n", step + 1),
        );
    }
    append(&log, MESSAGE);
    following.until_it_writes("Memory grew from");
    assert_eq!(following.end(), 1);
    let following = follow(&["-f", "ndjson", &log]);
    let failure = following.failures(1).swap_remove(0);
    assert_eq!(failure["telemetry"][0]["verdict"], "grows");
    assert_eq!(following.end(), 1);
}

#[test]
fn it_ends_quietly_when_nobody_reads_and_rests_while_nothing_comes() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "step 1\n");
    let mut child = whyoom(&["--follow", &log]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let spent = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // The times in user and in system mode (proc(5)), in hundredths of a second on Linux.
    let spent: u64 = spent
        .split(' ')
        .skip(13)
        .take(2)
        .map(|n| n.parse::<u64>().unwrap())
        .sum();
    assert!(spent < 50, "{spent}");
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(err, "");
}

#[test]
fn what_is_followed_is_reported_into_files_as_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let file = folder.path().join("all.ndjson");
    let ndjson = format!("ndjson={}", file.display());
    let following = follow(&["-f", "terminal", "-f", &ndjson, &log]);
    append(&log, MESSAGE);
    following.until_it_writes("GPU 0 ran out of memory");
    until("the line", || {
        fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
    });
    append(&log, &MESSAGE.replace("33.55", "20.00"));
    until("the second line", || {
        fs::read_to_string(&file)
            .unwrap()
            .matches("\"fingerprint\":")
            .count()
            == 2
    });
    assert_eq!(following.end(), 1);
}

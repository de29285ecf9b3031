//! Ctrl-C while reading: what was found so far is reported, and the exit code says that it is not all.

use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use super::{MESSAGE, Running, pipe, put, start, until, whyoom};

#[test]
fn what_was_found_is_reported_in_every_format() {
    // `folded` holds stacks of snapshots, `patch` changes of source files, and neither says a thing of a log.
    let all = whyoom::report::ALL.iter();
    for output in all.filter(|output| !["folded", "patch"].contains(&output.name)) {
        let mut running = start(whyoom(&["-f", output.name]));
        running.feed(MESSAGE);
        running.signal(Signal::INT);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(130), "{}", output.name);
        assert!(
            ended.out.contains("stdin"),
            "{}: {}",
            output.name,
            ended.out
        );
        assert_eq!(
            ended.err,
            "whyoom: interrupted: `<stdin>` was not read to its end\n"
        );
        if output.name == "json" {
            let report: Value = serde_json::from_str(&ended.out).unwrap();
            assert_eq!(report["inputs"][0]["complete"], false);
            assert_eq!(
                report["inputs"][0]["problem"],
                "reading stopped: interrupted"
            );
            assert_eq!(report["incidents"].as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn a_scheduler_that_ends_it_gets_the_report_and_143() {
    let mut running = start(whyoom(&[]));
    running.feed("step 1 loss 0.5\n");
    running.signal(Signal::TERM);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(143));
    assert!(
        ended.out.contains("Not all was read: `<stdin>`"),
        "{}",
        ended.out
    );
}

#[test]
fn a_pipe_that_nobody_writes_to_does_not_hold_it_and_other_inputs_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let read = put(folder.path(), "a.log", MESSAGE);
    let pipes = ["b", "c", "d", "e", "f"].map(|name| pipe(folder.path(), name));
    for jobs in ["1", "2", "9"] {
        let mut arguments = vec!["-f", "json", "--jobs", jobs, &read];
        arguments.extend(pipes.iter().map(String::as_str));
        let running = start(whyoom(&arguments));
        running.until_it_listens();
        running.signal(Signal::INT);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(130), "{}", ended.err);
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        let inputs = report["inputs"].as_array().unwrap();
        assert_eq!(inputs.len(), 6);
        assert!(
            inputs
                .iter()
                .skip(1)
                .all(|input| input["complete"] == false)
        );
        assert!(
            ended
                .err
                .contains("of 6 inputs were not read to their end: `"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains(" more\n"), "{}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    }
}

/// A run that was interrupted and cannot write its report, since nobody reads it.
fn stuck(folder: &std::path::Path) -> Running {
    let mut arguments = vec![
        "-f".to_owned(),
        "json".to_owned(),
        "--jobs".to_owned(),
        "1".to_owned(),
    ];
    arguments.extend((0..80).map(|i| put(folder, &format!("{i}.log"), MESSAGE)));
    arguments.push("-".to_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut running = start(whyoom(&arguments));
    running.feed("the others were read before this\n");
    running.signal(Signal::INT);
    let stdout = running.child.stdout.as_ref().unwrap();
    // The capacity of a pipe on Linux (pipe(7)), less a page: parts of a report need not fill the last one.
    until("the pipe is full", || {
        rustix::io::ioctl_fionread(stdout).unwrap() > (1 << 16) - 4096
    });
    running
}

#[test]
fn a_second_time_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = stuck(folder.path());
    assert!(running.child.try_wait().unwrap().is_none());
    running.signal(Signal::INT);
    assert_eq!(running.child.wait().unwrap().code(), Some(130));
}

#[test]
fn who_starts_it_deaf_to_a_signal_keeps_it_so() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' INT; exec \"$0\" -f json"])
        .arg(env!("CARGO_BIN_EXE_whyoom"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = start(command);
    running.feed(MESSAGE);
    running.signal(Signal::INT);
    running.feed("more\n");
    drop(running.child.stdin.take());
    let ended = running.end();
    assert_eq!((ended.status.code(), ended.err.as_str()), (Some(1), ""));
}

#[test]
fn a_run_that_cannot_be_compared_does_not_end_well() {
    let folder = tempfile::tempdir().unwrap();
    let now = put(folder.path(), "now.log", "step 1\n");
    let good = pipe(folder.path(), "good.log");
    let running = start(whyoom(&["--since", &good, &now]));
    running.until_it_listens();
    running.signal(Signal::INT);
    assert_eq!(running.end().status.code(), Some(130));
}

#[test]
fn names_stay_out_of_what_is_said_of_unread_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let name = pipe(folder.path(), "a.log");
    for format in ["json", "ndjson"] {
        let running = start(whyoom(&["--redact", "-f", format, &name]));
        running.until_it_listens();
        running.signal(Signal::INT);
        assert_eq!(
            running.end().err,
            "whyoom: interrupted: `/dir-1/a.log` was not read to its end\n"
        );
    }
}

/// A record with this message.
fn record(name: &str) -> String {
    serde_json::json!({"source": name, "text": MESSAGE}).to_string()
}

#[test]
fn records_that_were_read_are_answered_and_half_a_record_is_not() {
    let mut running = start(whyoom(&["--records"]));
    let third = record("third");
    let (half, _) = third.split_at(third.len() / 2);
    running.feed(&format!(
        "{}\n{}\n{half}",
        record("first"),
        record("second")
    ));
    running.signal(Signal::INT);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(130));
    let answers = ended.out.lines().map(|line| {
        let answer: Value = serde_json::from_str(line).unwrap();
        let failures = answer["incidents"].as_array().unwrap().len();
        (answer["source"].as_str().unwrap().to_owned(), failures)
    });
    let answers: Vec<(String, usize)> = answers.collect();
    assert_eq!(answers, [("first".to_owned(), 1), ("second".to_owned(), 1)]);
    assert_eq!(
        ended.err,
        "whyoom: interrupted: the records were not read to their end\n"
    );
}

#[test]
fn a_log_that_a_record_names_does_not_hold_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = pipe(folder.path(), "a.log");
    let mut running = start(whyoom(&["--records"]));
    running.feed(&format!("{}\n", serde_json::json!({"path": log})));
    running.signal(Signal::TERM);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(143));
    let answer: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(answer["complete"], false);
}

//! Archives through every door of the program: outputs, folders, lists, records, comparisons.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::packing::Zip;
use super::{WHOLE, fixture, log, put, run};

#[test]
fn names_of_members_are_only_names() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "../../etc/\x1b]0;x\x07\n::error::hi ##[command]rm \u{202e}/a\"b<c>|d`.log";
    let log = log();
    for raw in [Zip::all()
        .next()
        .unwrap()
        .pack(&[(hostile, &log), ("/abs.log", &log)])]
    {
        let path = put(folder.path(), "a.zip", &raw);
        let read = run(&[&path], b"");
        assert_eq!(read.failures()[0].0, hostile);
        for format in whyoom::report::ALL.iter().map(|output| output.name) {
            let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
                .args(["--no-config", "-f", format, &path])
                .env_clear()
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(acts), "{format}: {text:?}");
            let mut lines = text.lines();
            assert!(
                !lines.any(|line| line.starts_with("::error::hi") || line.contains("##[")),
                "{format}"
            );
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn archives_in_folders_and_lists_come_in_order_however_many_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = log();
    for i in 0..9 {
        let zip = Zip::all()
            .nth(i % 8)
            .unwrap()
            .pack(&[("x.log", &log), ("y.log", b"fine\n")]);
        put(folder.path(), &format!("{i}/logs"), zip);
        put(folder.path(), &format!("{i}/plain.log"), &log);
    }
    let path = folder.path().to_str().unwrap();
    let one = run(&["--jobs", "1", path], b"");
    assert_eq!(
        (one.code, one.inputs().len(), one.failures().len()),
        (Some(1), 27, 18)
    );
    for jobs in ["2", "8"] {
        assert_eq!(run(&["--jobs", jobs, path], b"").report, one.report);
    }
    let list = format!("{path}/0/logs\n{path}/1\n");
    assert_eq!(
        run(&["--files-from", "-"], list.as_bytes()).inputs().len(),
        5
    );
}

#[test]
fn records_and_comparisons_take_archives_as_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let good = Zip::all()
        .last()
        .unwrap()
        .pack(&[("1.log", b"batch_size: 8\n"), ("2.log", b"step 1\n")]);
    let good = put(folder.path(), "good.zip", good);
    let now = put(
        folder.path(),
        "now.log",
        [b"batch_size: 16\n", &log()[..]].concat(),
    );
    let compared = run(&["--since", &good, &now], b"");
    assert_eq!(compared.code, Some(1), "{}", compared.err);
    assert!(
        compared.report.to_string().contains("batch size"),
        "{}",
        compared.report
    );

    let archive = fixture("infozip.zip");
    let record = serde_json::json!({"path": archive, "source": "run 7"}).to_string();
    let output = |record: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_whyoom"))
            .args(["--no-config", "--records"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(record.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            serde_json::from_slice::<Value>(&output.stdout).unwrap(),
        )
    };
    let (code, answer) = output(&record);
    assert_eq!(
        (code, &answer["source"], &answer["complete"]),
        (Some(1), &"run 7".into(), &true.into())
    );
    assert_eq!(answer["incidents"][0]["source"], format!("run 7!{WHOLE}"));
    let cut = put(folder.path(), "cut.zip", &fs::read(archive).unwrap()[..999]);
    let (code, answer) = output(&serde_json::json!({ "path": cut }).to_string());
    assert_eq!((code, &answer["complete"]), (Some(3), &false.into()));
}

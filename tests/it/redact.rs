//! `--redact`: no name of a folder, a person or a machine is left in any output, and nothing else changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use whyoom::Diagnosis;
use whyoom::report::redact::Redactor;
use whyoom::report::{self, Options};

const LOG: &str = "[jdoe] python /home/jdoe/secret/train.py --host gpu-node-17
Traceback (most recent call last):
  File \"/home/jdoe/secret/train.py\", line 87, in main
    push(model(x), \"10.20.30.40\", \"jdoe@example.org\", \"hf_abcdefghijklmnopqrstuvwxyz012345\")
  File \"/home/jdoe/venv/lib/python3.11/site-packages/torch/nn/modules/module.py\", line 1553, in _call_impl
    return forward_call(*args, **kwargs)
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of 139.80 GiB of which \
    16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the allocated memory \
    61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.
";

const NAMES: [&str; 6] = [
    "jdoe",
    "/home/",
    "secret",
    "10.20.30.40",
    "example.org",
    "hf_abc",
];

/// The logs of all fixtures, by name.
fn cases() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let read = |folder: fs::DirEntry| {
        let name = folder.file_name().to_string_lossy().into_owned();
        (name, fs::read(folder.path().join("log.txt")).unwrap())
    };
    folders.map(read).collect()
}

fn written(diagnosis: &Diagnosis, format: &str) -> String {
    let mut out = Vec::new();
    let output = report::output(format).unwrap();
    (output.write)(
        std::slice::from_ref(diagnosis),
        &Options::default(),
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn json(diagnosis: &Diagnosis) -> Value {
    serde_json::from_str(&written(diagnosis, "json")).unwrap()
}

/// What differs between two reports that must be alike in all but names.
fn compare(at: &str, before: &Value, after: &Value, differing: &mut BTreeSet<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            assert!(a.keys().eq(b.keys()), "{at}");
            for ((key, a), b) in a.iter().zip(b.values()) {
                compare(&format!("{at}.{key}"), a, b, differing);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            for (a, b) in a.iter().zip(b) {
                compare(at, a, b, differing);
            }
        }
        (Value::String(a), Value::String(b)) if a != b => {
            differing.insert(format!("{at}: {a} -> {b}"));
        }
        _ => assert_eq!(before, after, "{at}"),
    }
}

#[test]
fn only_names_of_files_and_machines_change_in_the_reports_of_all_fixtures() {
    let mut redactor = Redactor::default();
    for (name, log) in cases() {
        let source = "/home/jdoe/logs/run.log";
        let before = json(&whyoom::diagnose(source, &log));
        let diagnosis = redactor.diagnosis(&whyoom::diagnose(source, &log));
        let mut differing = BTreeSet::new();
        compare("", &before, &json(&diagnosis), &mut differing);
        assert!(differing.iter().any(|d| d.contains("run.log")), "{name}");
        for change in &differing {
            let (was, is) = change.split_once(" -> ").unwrap();
            let of_a_file = was.contains(['/', '\\', '@']) && is.contains("dir-");
            // Its name is what the log calls a host, or an address.
            let of_a_machine = was.contains("host") && is.contains("host-")
                || was.contains("10.") && is.contains("ip-");
            // People name a unit of systemd after their work.
            let ends = [".service", ".scope", ".slice"];
            let of_a_unit = is.contains("unit-") && ends.iter().any(|end| was.contains(end));
            assert!(of_a_file || of_a_machine || of_a_unit, "{name}: {change}");
        }
        for format in report::ALL {
            let text = written(&diagnosis, format.name);
            assert!(
                !text.contains("/home/") && !text.contains("jdoe"),
                "{name} {text}"
            );
        }
    }
}

#[test]
fn every_output_is_free_of_names_that_it_shows_without() {
    let mut shown = BTreeSet::new();
    for format in report::ALL {
        let plain = written(
            &whyoom::diagnose("/home/jdoe/a.log", LOG.as_bytes()),
            format.name,
        );
        shown.extend(NAMES.into_iter().filter(|name| plain.contains(name)));
        let original = whyoom::diagnose("/home/jdoe/a.log", LOG.as_bytes());
        let diagnosis = Redactor::default().diagnosis(&original);
        let text = written(&diagnosis, format.name);
        let left: Vec<&str> = NAMES
            .into_iter()
            .filter(|name| text.contains(name))
            .collect();
        assert!(left.is_empty(), "{}: {left:?} in {text}", format.name);
    }
    assert_eq!(shown.len(), NAMES.len(), "{shown:?}");
}

#[test]
fn the_program_redacts_and_keeps_its_exit_code_and_its_fingerprints() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redact-jdoe");
    fs::create_dir_all(&folder).unwrap();
    let log = folder.join("train.log");
    fs::write(&log, LOG).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
        let output = command
            .args(arguments)
            .arg(&log)
            .env_clear()
            .env("USER", "jdoe");
        let output = output.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    // They write stacks of memory snapshots and changes of source files, and a log has none.
    let of_logs = |format: &&&report::Output| !["folded", "patch"].contains(&format.name);
    for format in report::ALL.iter().filter(of_logs) {
        let (code, text) = run(&["--redact", "-f", format.name]);
        assert_eq!(code, Some(1));
        for name in NAMES {
            assert!(!text.contains(name), "{name} in {}: {text}", format.name);
        }
        assert!(!text.contains(&*folder.to_string_lossy()), "{text}");
        assert!(
            text.contains("train.log") || text.contains("train.py"),
            "{text}"
        );
    }
    let missing = folder.join("missing.log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    let output = command
        .arg("--redact")
        .arg(&missing)
        .env_clear()
        .output()
        .unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("missing.log") && !said.contains("jdoe"),
        "{said}"
    );
    let fingerprints = |text: &str| {
        let lines = text.lines().filter(|line| line.contains("\"fingerprint\""));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let (_, plain) = run(&["-f", "json"]);
    let (_, redacted) = run(&["-f", "json", "--redact"]);
    assert_eq!(fingerprints(&plain), fingerprints(&redacted));
    assert_eq!(fingerprints(&plain).len(), 1);
}

#[test]
fn paths_of_the_repository_stay_as_it_names_them_and_others_go() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("jdoe/work");
    fs::create_dir_all(root.join("src")).unwrap();
    fs::write(root.join("src/train.py"), "").unwrap();
    fs::write(
        folder.path().join("ci.log"),
        LOG.replace("/secret/", "/x/src/"),
    )
    .unwrap();
    for (format, place) in [
        ("sarif", "\"uri\": \"src/train.py\""),
        ("github", "::error file=src/train.py,line=87,"),
        ("gitlab", "\"path\": \"src/train.py\""),
        ("terminal", ": src/train.py:87"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
            .args([
                "--redact",
                "-f",
                format,
                "--repo-root",
                "jdoe/work",
                "ci.log",
            ])
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(place), "{format}: {text}");
        for name in ["jdoe", "/home/", "10.20.30.40", "hf_abc"] {
            assert!(!text.contains(name), "{name} in {format}: {text}");
        }
    }
}

/// A GPU that another person's program holds.
const HELD: &str = r#"{"schema":1,"source":"nvml","driver":"570.1","gpus":[{"index":0,"name":"NVIDIA H200",
    "uuid":"GPU-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f","memory":{"total":150000000000,"used":149000000000,
    "free":1000000000,"by":"nvmlDeviceGetMemoryInfo_v2"},"processes":[{"pid":4242,"bytes":148000000000,
    "kinds":["compute"],"state":"running","user":"jdoe","command":"python /home/jdoe/secret/serve.py --host gpu-node-17",
    "unit":"docker secretproject"}]}]}"#;

const HELD_NAMES: [&str; 6] = [
    "jdoe",
    "/home/",
    "secret",
    "gpu-node-17",
    "GPU-0a1b",
    "docker",
];

fn held() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), HELD).unwrap();
    file
}

#[test]
fn the_gpus_are_shown_without_names() {
    let file = held();
    for format in ["terminal", "json"] {
        let live = |redact: bool| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
            command
                .args(["live", "-f", format, "--probe-file"])
                .arg(file.path());
            command.args(redact.then_some("--redact")).env_clear();
            String::from_utf8(command.output().unwrap().stdout).unwrap()
        };
        let plain = live(false);
        assert!(plain.contains("jdoe") && plain.contains("docker secretproject"));
        let text = live(true);
        for name in HELD_NAMES {
            assert!(!text.contains(name), "{name} in {text}");
        }
        for kept in ["serve.py", "4242", "user-1", "unit-1"] {
            assert!(text.contains(kept), "{kept} is not in {text}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_program_s_report_and_readings_are_kept_without_names() {
    let (file, folder) = (held(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("log"), LOG).unwrap();
    let run = |redact: bool| {
        let kept = folder
            .path()
            .join(if redact { "redacted" } else { "plain" });
        let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
        command.arg("run").args(redact.then_some("--redact"));
        command
            .arg("--probe-file")
            .arg(file.path())
            .arg("--save")
            .arg(&kept);
        command.args([
            "--interval",
            "0.05",
            "--",
            "sh",
            "-c",
            "cat log; sleep 0.3; exit 3",
        ]);
        let output = command
            .current_dir(folder.path())
            .env("USER", "jdoe")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout, LOG.as_bytes());
        let err = String::from_utf8(output.stderr).unwrap();
        let read = |name: &str| fs::read_to_string(kept.join(name)).unwrap();
        assert_eq!(read("output.log"), LOG);
        [
            err,
            read("report.txt"),
            read("report.json"),
            read("samples.jsonl"),
        ]
    };
    for (plain, text) in run(false).iter().zip(run(true)) {
        assert!(plain.contains("jdoe"), "{plain}");
        for name in HELD_NAMES.iter().chain(&NAMES) {
            assert!(!text.contains(name), "{name} in {text}");
        }
        assert!(text.contains("serve.py") && text.contains("4242"), "{text}");
    }
}

#[test]
fn the_units_that_people_name_after_their_work_have_placeholders() {
    let log = "Jan  2 03:04:05 n1 systemd[1]: jane-fits-acme.service: A process of this unit has been killed by the OOM killer.\n\
        Jan  2 03:04:09 n1 systemd-oomd[612]: Killed /user.slice/user-1000.slice/user@1000.service/app.slice/acme-plan.scope due to memory \
        pressure for /user.slice being 84.26% > 50.00% for > 20s with reclaim activity\n";
    let diagnosis = whyoom::diagnose("job.log", log.as_bytes());
    let redacted = Redactor::default().diagnosis(&diagnosis);
    for format in ["terminal", "json", "markdown", "sarif", "junit", "github"] {
        let text = written(&redacted, format);
        assert!(!text.contains("acme"), "{format}\n{text}");
        assert!(text.contains("unit-1"), "{format}\n{text}");
    }
}

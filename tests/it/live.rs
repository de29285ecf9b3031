//! The command `whyoom live` as a process, on recordings of a real driver.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/nvml")
        .join(name)
}

fn live(arguments: &[&str], file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .arg("live")
        .args(arguments)
        .arg("--probe-file")
        .arg(file)
        .env("LANG", "C.UTF-8")
        .env_remove("COLUMNS")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A recording that this test writes itself.
fn written(json: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(json.as_bytes()).unwrap();
    file
}

#[test]
fn the_table_names_the_holders_the_largest_first() {
    let output = live(&[], &recording("two-holders.json"));
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output), @r"
    GPU 0: NVIDIA H200
      ████████████████████░░░░░░░░░░  90.9 GiB used, 48.9 GiB free of 140 GiB
      PID  user  for    memory  command
      461  ?       ?  70.4 GiB  /home/user/venv/bin/python3
      441  ?       ?  20.5 GiB  /home/user/venv/bin/python3

    Read from nvml, driver 580.159.04: nvmlDeviceGetMemoryInfo_v2, which counts the
      driver's own 615 MiB apart.
    ");
}

#[test]
fn what_cannot_be_attributed_and_who_has_ended_is_said() {
    let file = written(
        r#"{"source":"nvml","gpus":[{"index":0,"name":"NVIDIA A100","mig":true,"compute_mode":"exclusive-process",
        "memory":{"total":85899345920,"used":42949672960,"free":42949672960,"by":"x"},
        "instances":[{"index":0,"name":"MIG 1g.10gb","uuid":"MIG-1","memory":null}],
        "unattributed":21474836480,"notes":["Process 7 has ended."],
        "processes":[{"pid":7,"bytes":21474836480,"kinds":["graphics"],"state":"zombie","user":"ada","age":7300,"instance":0},
        {"pid":9,"bytes":null,"kinds":["compute"]}]}]}"#,
    );
    let output = live(&["--width", "60", "--ascii"], file.path());
    insta::assert_snapshot!(text(&output), @r"
    GPU 0: NVIDIA A100                    MIG, exclusive-process
      ###########...........  40 GiB used, 40 GiB free of 80 GiB
      instance 0 MIG 1g.10gb: memory not known MIG-1
      PID  user  for  memory  command
        7  ada   2 h  20 GiB  ?
                              instance 0, has ended (zombie),
                              graphics
        9  ?       ?       ?  not visible here: another PID
                              namespace, or it has just ended
      Cannot attribute 20 GiB: held from another PID namespace
        (another container, or the host), or by a process that
        the driver does not list.
      Process 7 has ended.

    Read from nvml: x.
    ");
}

#[test]
fn the_json_is_itself_a_recording() {
    for name in [
        "idle.json",
        "full.json",
        "one-full-one-idle.json",
        "another-namespace.json",
    ] {
        let output = live(&["--format", "json"], &recording(name));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(recording(name)).unwrap()).unwrap();
        assert_eq!(printed, recorded, "{name}");
    }
}

#[test]
fn from_another_pid_namespace_memory_has_no_owner_and_that_is_said() {
    let shown = text(&live(&[], &recording("another-namespace.json")));
    assert!(shown.contains("no process is listed"), "{shown}");
    assert!(shown.contains("Cannot attribute 90.9 GiB"), "{shown}");
}

#[test]
fn without_gpus_one_line_says_why_and_the_exit_code_is_3() {
    let file = written(r#"{"gpus":[],"problem":"no NVIDIA driver library"}"#);
    let output = live(&["--format", "json"], file.path());
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(said.lines().count(), 1);
    assert!(said.contains("no NVIDIA driver library"), "{said}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["problem"], "no NVIDIA driver library");
}

#[test]
fn watching_draws_the_past_and_says_when_it_fills() {
    let moment = |gib: u64| {
        let used = gib << 30;
        let free = (64u64 << 30) - used;
        format!(
            r#"{{"source":"nvml","gpus":[{{"index":0,"name":"GPU","processes":[],
            "memory":{{"total":68719476736,"used":{used},"free":{free},"by":"x"}}}}]}}"#
        )
    };
    let moments: String = (1..=8).map(|n| moment(n * 7)).collect();
    let file = written(&moments);
    let output = live(&["--watch", "0.05", "--count", "8"], file.path());
    let shown = text(&output);
    assert!(shown.contains("▁▂▃▄▅▆▇█"), "{shown}");
    assert!(shown.contains("full in"), "{shown}");
}

#[test]
fn a_watch_ends_quietly_when_its_reader_goes_away() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args(["live", "--watch", "0.01", "--probe-file"])
        .arg(recording("idle.json"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_ticket_says_what_would_fit_now_as_the_terminal_does() {
    let run = |format: &str| {
        let log =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/h200-other-process/log.txt");
        let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
            .args([
                "--live",
                "--width",
                "400",
                "--format",
                format,
                "--probe-file",
            ])
            .arg(recording("two-holders.json"))
            .arg(log)
            .output()
            .unwrap();
        text(&output)
    };
    // What stands below the heading, as one line of words.
    let told = |page: &str| -> String {
        let (_, below) = page.split_once("Now, on this machine").unwrap();
        let lines = below.lines().skip_while(|line| line.trim().is_empty());
        let lines = lines.take_while(|line| line.starts_with([' ', '-']));
        let words = lines.flat_map(|line| line.trim_start_matches("- ").split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    };
    let (ticket, terminal) = (told(&run("markdown")), told(&run("terminal")));
    assert_eq!(ticket, terminal);
    assert!(ticket.ends_with("Process 552 of the log holds nothing there any more."));
}

/// A log of a real failure beside a recording of a real driver.
fn joined(case: &str, name: &str, environment: &[(&str, &str)]) -> Output {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/cases/{case}/log.txt"));
    Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .arg("--live")
        .args(["--format", "json", "--probe-file"])
        .arg(recording(name))
        .arg(log)
        .env_remove("CUDA_VISIBLE_DEVICES")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_failure_is_joined_with_the_gpu_and_the_one_with_room_is_named_first() {
    let output = joined("h200-other-process", "one-full-one-idle.json", &[]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    let incident = &report["incidents"][0];
    assert_eq!(incident["live"]["gpu"], 0);
    assert_eq!(incident["live"]["request_fits"], false);
    assert_eq!(incident["live"]["in_the_way"][0]["pid"], 461);
    assert_eq!(incident["live"]["room"][0]["visible_devices"], "1");
    assert_eq!(incident["fixes"][0]["fix"], "choose-another-gpu");
    assert_eq!(incident["fixes"][0]["enough"], "yes");
    let how = incident["fixes"][0]["how"].as_str().unwrap();
    assert!(how.starts_with("CUDA_VISIBLE_DEVICES=1\n"), "{how}");
    assert_eq!(report["live"]["gpus"][1]["index"], 1);
}

#[test]
fn the_process_that_went_away_need_not_be_stopped_any_more() {
    let report = report(&joined("h200-other-process", "idle.json", &[]));
    let incident = &report["incidents"][0];
    assert_eq!(incident["live"]["program_fits"], true);
    assert_eq!(incident["live"]["gone"], serde_json::json!([552]));
    let fixes = incident["fixes"].as_array().unwrap();
    assert!(
        fixes
            .iter()
            .all(|f| f["fix"] != "stop-other-process" && f["fix"] != "choose-another-gpu")
    );
}

#[test]
fn the_environment_says_which_gpu_was_number_0() {
    let visible = [("CUDA_VISIBLE_DEVICES", "1")];
    let report = report(&joined(
        "h200-other-process",
        "one-full-one-idle.json",
        &visible,
    ));
    assert_eq!(report["incidents"][0]["live"]["gpu"], 1);
    assert_eq!(report["incidents"][0]["live"]["request_fits"], true);
}

#[test]
fn a_report_stands_without_gpus() {
    let file = written(r#"{"gpus":[],"problem":"no NVIDIA driver library"}"#);
    let output = joined("h200-other-process", file.path().to_str().unwrap(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    assert_eq!(report["live"]["problem"], "no NVIDIA driver library");
    assert_eq!(report["incidents"][0]["causes"][0]["cause"], "contention");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no NVIDIA driver library"));
}

#[test]
fn every_reading_keeps_to_its_schema_and_the_schema_refuses_what_is_none() {
    let schema = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args(["schema", "live"])
        .output()
        .unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = recording("");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let output = live(&["--format", "json"], &file);
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
        seen += usize::from(value["gpus"][0]["memory"]["used"].is_u64());
    }
    assert!(seen > 3, "hardly a recording has a GPU");
    let none = live(&["--format", "json"], Path::new("missing"));
    let none: Value = serde_json::from_slice(&none.stdout).unwrap();
    assert!(validator.is_valid(&none), "{none}");
    for wrong in [
        serde_json::json!({"schema": 1}),
        serde_json::json!({"schema": 1, "source": "nvml", "gpus": [{"index": -1, "name": "x"}]}),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

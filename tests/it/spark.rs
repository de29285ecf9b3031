//! whyoom inside an engine: `PySpark` on this machine turns a folder of logs into a table of causes by repository and day.
//! Skipped, with a word on standard error, only where Java, Python or the package index is missing.

#![expect(clippy::print_stderr, reason = "a skip is said")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const REFUSED: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity \
    of 139.80 GiB of which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of \
    the allocated memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.\n";
const KILLED: &str = "slurmstepd: error: Detected 1 oom_kill event in StepId=4242.0. Some of the step tasks have been OOM \
    Killed.\n";

/// A Python that has `PySpark`, kept between runs below `target`; else what is missing.
fn python() -> Result<PathBuf, &'static str> {
    let works = |command: &mut Command| command.output().is_ok_and(|o| o.status.success());
    if !works(Command::new("java").arg("-version")) {
        return Err("Java is not here");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../spark");
    let python = folder.join("bin/python");
    if works(Command::new(&python).args(["-c", "import pyspark"])) {
        return Ok(python);
    }
    if !works(Command::new("python3").args(["-m", "venv"]).arg(&folder)) {
        return Err("Python with venv is not here");
    }
    if !works(Command::new(&python).args(["-m", "pip", "install", "-q", "pyspark>=3.5,<5"])) {
        return Err("PySpark could not be had from the package index");
    }
    Ok(python)
}

#[test]
fn spark_makes_a_table_of_causes_by_repository_and_day() {
    let python = match python() {
        Ok(python) => python,
        Err(missing) => {
            eprintln!("skipped: {missing}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    for (path, log) in [
        ("bert/2026-05-01/a.log", REFUSED),
        ("bert/2026-05-01/b.log", REFUSED),
        ("bert/2026-05-02/a.log", KILLED),
        ("gpt/2026-05-01/a.log", REFUSED),
        ("gpt/2026-05-01/b.log", "all well\n"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, log).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/spark/table.py");
    let output = Command::new(&python)
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_whyoom"))
        .arg(folder.path())
        .env("PYSPARK_PYTHON", &python)
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let rows: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let row = |cause, repository, day, count| json!({"cause": cause, "repository": repository, "day": day, "count": count});
    assert_eq!(
        rows,
        [
            row("exhaustion", "bert", "2026-05-01", 2),
            row("exhaustion", "gpt", "2026-05-01", 1),
            row("host-memory", "bert", "2026-05-02", 1),
        ],
        "{said}"
    );
}

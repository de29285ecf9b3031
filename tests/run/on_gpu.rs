//! The programs in `fixtures/programs` under the wrapper: on a machine with a GPU, with Python and what they import.

use std::path::Path;
use std::process::Command;

/// What the script says where there is no GPU.
const NO_GPU: i32 = 77;

fn script(arguments: &[&str]) -> Option<Command> {
    // Not every machine that builds this has Python.
    Command::new("python3").arg("-c").arg("").status().ok()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run/on_gpu.py");
    let mut command = Command::new("python3");
    command.arg(path).arg(env!("CARGO_BIN_EXE_whyoom"));
    command.args(arguments);
    Some(command)
}

#[test]
fn every_program_says_what_is_expected_of_it() {
    let Some(mut command) = script(&["--list"]) else {
        return;
    };
    let listed = command.output().unwrap();
    let listed = super::text(&listed.stdout);
    assert!(listed.lines().count() > 50, "{listed}");
    // Where a log settles nothing, nothing is expected.
    let open = listed
        .lines()
        .filter(|line| line.split_whitespace().nth(1) == Some("-"));
    assert!(open.count() < 5, "{listed}");
}

#[test]
#[ignore = "takes ten minutes, and a GPU with PyTorch, JAX and CuPy"]
fn each_program_ends_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut command) = script(&["--out", folder.path().to_str().unwrap()]) else {
        panic!("Python is not here");
    };
    let code = command.status().unwrap().code();
    assert!(code == Some(0) || code == Some(NO_GPU), "{code:?}");
}

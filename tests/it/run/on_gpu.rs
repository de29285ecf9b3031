//! The programs in `fixtures/programs` under the wrapper: on a machine with a GPU, with Python and what they import.

use std::path::Path;
use std::process::Command;

/// What the script says where there is no GPU.
const NO_GPU: i32 = 77;

fn script(arguments: &[&str]) -> Option<Command> {
    // Not every machine that builds this has Python.
    Command::new("python3").arg("-c").arg("").status().ok()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/run/on_gpu.py");
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

/// A machine whose `nvidia-smi` answers, and three programs: one that fails as it says, one that never ends, one that cannot run.
#[test]
fn one_program_that_goes_wrong_does_not_end_the_others() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    if script(&[]).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("bin")).unwrap();
    fs::create_dir_all(at("programs")).unwrap();
    fs::write(at("bin/nvidia-smi"), "#!/bin/sh\necho card\n").unwrap();
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(at("bin/nvidia-smi"), mode).unwrap();
    let fails = format!(
        "\"\"\"cause: fragmentation. In pieces.\"\"\"\nimport os, sys\nif os.environ.get('PYTORCH_CUDA_ALLOC_CONF'): sys.exit(0)\nprint(open({:?}).read())\nsys.exit(1)\n",
        super::log("h200-swiss-cheese")
    );
    fs::write(at("programs/a_fails.py"), fails).unwrap();
    let hangs = "\"\"\"cause: leak. Never ends.\"\"\"\nimport time\ntime.sleep(60)\n";
    fs::write(at("programs/b_hangs.py"), hangs).unwrap();
    let lacks = "\"\"\"cause: leak. Lacks a module.\"\"\"\nimport no_such_module_anywhere\n";
    fs::write(at("programs/c_lacks.py"), lacks).unwrap();
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
    let (programs, out) = (at("programs"), at("out"));
    // Names and flags in any order.
    let flags = ["a_", "--seconds", "6", "--bare", "b_", "c_", "--scenarios"];
    let done = script(&flags)
        .unwrap()
        .arg(&programs)
        .arg("--out")
        .arg(&out)
        .env("PATH", path)
        .output()
        .unwrap();
    let said = super::text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{said}");
    let line = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name));
        line.unwrap_or_default().to_owned()
    };
    assert!(line("a_fails").contains("it ended well"), "{said}");
    assert!(line("b_hangs").contains("it ran out of time"), "{said}");
    assert!(
        line("c_lacks").contains("skipped: no no_such_module_anywhere"),
        "{said}"
    );
    assert!(said.contains("1 of 1 retries ended well"), "{said}");
    assert!(said.contains("1 of 2 right"), "{said}");
    let table = fs::read_to_string(out.join("table.tsv")).unwrap();
    assert_eq!(table.lines().count(), 4, "{table}");
}

//! `--record`: what the start-up file does in a Python program, and what it must not do.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::{log, text, whyoom};

/// A module called torch that has what the start-up file uses, and says what was done.
const TORCH: &str = "
class cuda:
    class memory:
        def _record_memory_history(stacks, max_entries): print('history', max_entries)
        def _dump_snapshot(path): open(path, 'w').write('snapshot')
    def _lazy_call(call): call()
class _C:
    def _cuda_attach_out_of_memory_observer(observer): observer(0, 1, 2, 3); observer(0, 1, 2, 3)
";

/// A folder with a module `torch`, and what to start; `None` where there is no Python, as not on every machine.
struct Recorded {
    folder: tempfile::TempDir,
    arguments: Vec<String>,
}

impl Recorded {
    fn of(torch: &str) -> Option<Self> {
        Command::new("python3").arg("-c").arg("").status().ok()?;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("modules")).unwrap();
        fs::write(folder.path().join("modules/torch.py"), torch).unwrap();
        let arguments = Vec::new();
        Some(Self { folder, arguments })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs this program with these flags in front of it, in the folder.
    fn run(&self, flags: &[&str], program: &str) -> Output {
        let mut command = whyoom();
        command.current_dir(self.folder.path());
        command.arg("run").args(flags).arg("--").arg("python3");
        command.args(&self.arguments).args(["-c", program]);
        command.env("PYTHONPATH", self.at("modules"));
        command.output().unwrap()
    }
}

const IMPORT: &str = "print('program'); import torch; print('end')";

#[test]
fn recording_is_switched_on_from_outside_and_the_start_up_file_of_others_still_runs() {
    let Some(recorded) = Recorded::of(TORCH) else {
        return;
    };
    fs::write(recorded.at("modules/sitecustomize.py"), "print('theirs')\n").unwrap();
    let kept = recorded.at("kept");
    let flags = ["--record", "--save", kept.to_str().unwrap()];
    let output = recorded.run(&flags, IMPORT);
    let said = text(&output.stderr);
    assert_eq!(
        text(&output.stdout),
        "theirs\nprogram\nhistory 100000\nend\n",
        "{said}"
    );
    assert!(
        said.contains("memory snapshot: ") && said.contains(".pickle"),
        "{said}"
    );
    assert!(!kept.join("python").exists());
}

#[test]
fn the_snapshot_that_a_program_leaves_explains_its_failure() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    let program = format!(
        "cp {0}/snapshots/frag-swiss-cheese/snapshot.pickle.gz \"$WHYOOM_SNAPSHOTS\"/snapshot-1.pickle; \
         cat {0}/cases/h200-swiss-cheese/log.txt; exit 1",
        root.display()
    );
    let mut command = whyoom();
    command.current_dir(folder.path());
    command.args(["run", "--record", "--save", "kept", "--", "sh", "-c"]);
    let output = command.arg(program).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("Who held GPU 0"), "{said}");
    assert!(said.contains("frag_swiss_cheese.py:16"), "{said}");
}

#[test]
fn without_the_flag_nothing_is_recorded_and_no_variable_is_set() {
    let Some(recorded) = Recorded::of(TORCH) else {
        return;
    };
    let program =
        "import torch, os; print(os.environ['PYTHONPATH'], os.environ.get('WHYOOM_SNAPSHOTS'))";
    let said = text(&recorded.run(&["--no-inside"], program).stdout);
    assert_eq!(said, format!("{} None\n", recorded.at("modules").display()));
}

#[test]
fn a_program_that_asks_whether_torch_is_there_before_it_imports_it_is_recorded_too() {
    let Some(recorded) = Recorded::of(TORCH) else {
        return;
    };
    // As transformers does (utils/import_utils.py, _is_package_available).
    let program = "import importlib.util as u; assert u.find_spec('torch'); assert u.find_spec('torch'); import torch";
    let output = recorded.run(&["--record", "--save", "kept"], program);
    assert_eq!(
        text(&output.stdout),
        "history 100000\n",
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_torch_that_cannot_record_runs_as_it_would_by_itself() {
    let broken = TORCH.replace(
        "print('history', max_entries)",
        "raise RuntimeError('no CUDA')",
    );
    let Some(recorded) = Recorded::of(&broken) else {
        return;
    };
    let output = recorded.run(&["--record", "--save", "kept"], IMPORT);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "program\nend\n");
    let said = text(&output.stderr);
    assert!(
        said.contains("memory history is off: RuntimeError('no CUDA')"),
        "{said}"
    );
}

#[test]
fn a_relative_folder_is_found_from_wherever_the_program_goes() {
    let Some(recorded) = Recorded::of(TORCH) else {
        return;
    };
    let program = "import os, subprocess, sys; os.chdir('/'); subprocess.run([sys.executable, '-c', 'import torch'])";
    let output = recorded.run(&["--record", "--save", "kept"], program);
    let said = text(&output.stderr);
    assert!(said.contains("memory snapshot: "), "{said}");
    let names = fs::read_dir(recorded.at("kept")).unwrap();
    let names = names.map(|entry| entry.unwrap().path());
    assert_eq!(
        names
            .filter(|p| p.extension().is_some_and(|e| e == "pickle"))
            .count(),
        1
    );
}

#[test]
fn where_no_snapshot_came_of_it_that_is_said() {
    let Some(mut recorded) = Recorded::of(TORCH) else {
        return;
    };
    recorded.arguments.push("-I".to_owned());
    let program = format!(
        "print(open({:?}).read()); exit(1)",
        log("h200-swiss-cheese")
    );
    let output = recorded.run(&["--record"], &program);
    let said = text(&output.stderr);
    assert!(said.contains("no memory snapshot was written: "), "{said}");
    // A healthy run is not troubled with it.
    let output = recorded.run(&["--record"], "print(1)");
    assert_eq!(text(&output.stderr), "");
}

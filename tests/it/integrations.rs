//! What is in `integrations/` and `action.yml`, run as its runner would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::Run;
use serde_json::Value;

const LOG: &str = "Traceback (most recent call last):\n  File \"train.py\", line 87, in main\n    loss.backward()\n\
    torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which \
    1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved by PyTorch but \
    unallocated.\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The last block of text in a YAML file that a line opens.
fn block(yaml: &str, opens: &str) -> String {
    blocks(yaml, opens).pop().unwrap()
}

/// Each block that such a line opens: all lines that stand deeper than it.
fn blocks(yaml: &str, opens: &str) -> Vec<String> {
    let lines: Vec<&str> = yaml.lines().collect();
    let at = (0..lines.len()).filter(|at| lines[*at].trim() == opens);
    at.map(|at| deeper(&lines[at..])).collect()
}

/// The lines behind the first that stand deeper than it, without the margin that they share.
fn deeper(lines: &[&str]) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let inside = lines[1..]
        .iter()
        .take_while(|line| line.trim().is_empty() || depth(line) > depth(lines[0]));
    let inside: Vec<&str> = inside.copied().collect();
    let margin = inside
        .iter()
        .filter(|l| !l.trim().is_empty())
        .map(|l| depth(l))
        .min()
        .unwrap();
    inside
        .iter()
        .map(|line| line.get(margin..).unwrap_or("").to_owned() + "\n")
        .collect()
}

/// A place to work in, with the program on the search path and a training program that fails.
fn place() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_whyoom"), bin.join("whyoom")).unwrap();
    fs::write(folder.path().join("train.py"), "").unwrap();
    fs::write(folder.path().join("oom.log"), LOG).unwrap();
    folder
}

/// Runs a script with bash as a runner does, and returns what it wrote.
fn bash(script: &str, folder: &Path, variables: &[(&str, &str)]) -> Run {
    let path = folder.join("step.sh");
    fs::write(&path, script).unwrap();
    let search = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        folder.join("bin").display()
    );
    let out = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(&path)
        .current_dir(folder)
        .env_clear()
        .env("PATH", search)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    Run {
        code: out.status.code(),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

/// The step of the action with these inputs; the rest as `action.yml` sets it.
fn action(folder: &Path, inputs: &[(&str, &str)]) -> Run {
    let here = folder.to_str().unwrap().to_owned();
    let (output, page) = (folder.join("output"), folder.join("page.md"));
    fs::write(&output, "").unwrap();
    let mut variables = vec![
        ("WHYOOM", "whyoom"),
        ("WHYOOM_RUN", ""),
        ("WHYOOM_PATH", ""),
        ("WHYOOM_REPO_ROOT", &here),
        ("WHYOOM_SARIF", ""),
        ("WHYOOM_FAIL_ON", ""),
        ("WHYOOM_EXIT_ZERO", "false"),
        ("RUNNER_TEMP", &here),
        ("GITHUB_OUTPUT", output.to_str().unwrap()),
        ("GITHUB_STEP_SUMMARY", page.to_str().unwrap()),
    ];
    let yaml = read("action.yml");
    for (name, _) in &variables[1..7] {
        assert!(
            yaml.contains(&format!("{name}: ${{{{ inputs.")),
            "{name} is an input"
        );
    }
    variables.extend(inputs);
    let script = block(&yaml, "run: |");
    assert!(
        !script.contains("${{"),
        "an input in the text of a script is run"
    );
    bash(&script, folder, &variables)
}

#[test]
fn the_action_builds_the_program_and_hands_its_path_to_the_next_step() {
    let folder = place();
    let here = folder.path().to_str().unwrap();
    // A stand-in for cargo, since a build takes minutes: it puts the program where it is told to.
    let cargo = format!(
        "#!/bin/sh\n[ \"$1 $2 $3 $5\" = 'install --locked --path --root' ] && [ -f \"$4/Cargo.toml\" ] || exit 9\n\
         mkdir -p \"$6/bin\" && cp -L '{here}/bin/whyoom' \"$6/bin/whyoom\"\n"
    );
    executable(&folder.path().join("bin/cargo"), &cargo);
    let script = blocks(&read("action.yml"), "run: |").swap_remove(0);
    assert!(!script.contains("${{"), "{script}");
    let output = folder.path().join("output");
    let root = root();
    let variables = [
        ("GITHUB_ACTION_PATH", root.to_str().unwrap()),
        ("RUNNER_TEMP", here),
        ("GITHUB_OUTPUT", output.to_str().unwrap()),
    ];
    let run = bash(&script, folder.path(), &variables);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let handed = fs::read_to_string(output).unwrap();
    let program = handed.trim().strip_prefix("program=").unwrap();
    let explained = action(
        folder.path(),
        &[("WHYOOM", program), ("WHYOOM_PATH", "oom.log")],
    );
    assert_eq!(explained.code, Some(1), "{}", explained.err);
}

#[test]
fn the_action_annotates_a_log_writes_the_page_and_sarif_and_fails_the_step() {
    let folder = place();
    let run = action(
        folder.path(),
        &[("WHYOOM_PATH", "*.log\n"), ("WHYOOM_SARIF", "out.sarif")],
    );
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    assert!(
        run.out.contains("::error file=train.py,line=87,"),
        "{}",
        run.out
    );
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("output"), "found=true\nexit-code=1\n");
    assert!(read("page.md").contains("## GPU 0 ran out of memory"));
    let sarif: Value = serde_json::from_str(&read("out.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn the_action_passes_on_the_output_and_the_end_of_the_command_that_it_wraps() {
    let folder = place();
    let run = action(
        folder.path(),
        &[("WHYOOM_RUN", "echo before; cat oom.log >&2; exit 9")],
    );
    assert_eq!(run.code, Some(9), "{}", run.err);
    assert!(run.out.starts_with("before\nTraceback"), "{}", run.out);
    assert!(
        run.out.contains("::error file=train.py,line=87,"),
        "{}",
        run.out
    );
    let fine = action(folder.path(), &[("WHYOOM_RUN", "echo fine")]);
    assert_eq!(fine.code, Some(0), "{}", fine.out);
    let output = fs::read_to_string(folder.path().join("output")).unwrap();
    assert_eq!(output, "found=false\nexit-code=0\n");
}

#[test]
fn the_action_heeds_its_exit_rule_and_runs_no_input_as_a_script() {
    let folder = place();
    let run = |inputs: &[(&str, &str)]| action(folder.path(), inputs).code;
    assert_eq!(
        run(&[("WHYOOM_PATH", "oom.log"), ("WHYOOM_EXIT_ZERO", "true")]),
        Some(0)
    );
    assert_eq!(
        run(&[("WHYOOM_PATH", "oom.log"), ("WHYOOM_FAIL_ON", "leak")]),
        Some(0)
    );
    assert_eq!(
        run(&[("WHYOOM_PATH", "missing.log"), ("WHYOOM_EXIT_ZERO", "true")]),
        Some(3)
    );
    assert_eq!(run(&[]), Some(2));
    let _ = run(&[("WHYOOM_PATH", "$(touch planted); touch planted")]);
    assert!(!folder.path().join("planted").exists());
}

#[test]
fn the_matcher_finds_the_headline_of_a_report() {
    let matcher: Value =
        serde_json::from_str(&read("integrations/github/problem-matcher.json")).unwrap();
    let pattern = &matcher["problemMatcher"][0]["pattern"][0];
    let regex = regex::Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
    let folder = place();
    let run = bash("whyoom oom.log || true", folder.path(), &[]);
    let found: Vec<_> = run
        .out
        .lines()
        .filter_map(|line| regex.captures(line))
        .collect();
    assert_eq!(found.len(), 1, "{}", run.out);
    let group =
        |name: &str| found[0][usize::try_from(pattern[name].as_u64().unwrap()).unwrap()].to_owned();
    assert_eq!(
        group("message"),
        "GPU 0 ran out of memory in the backward pass"
    );
    assert_eq!(
        (group("file"), group("line")),
        ("train.py".to_owned(), "87".to_owned())
    );
}

#[test]
fn the_job_for_gitlab_leaves_its_reports_and_ends_as_the_command_did() {
    let folder = place();
    let script = block(&read("integrations/gitlab/whyoom.yml"), "- |");
    let run = |command| {
        let variables = [("WHYOOM_RUN", command), ("WHYOOM_LOG", "whyoom.log")];
        bash(&script, folder.path(), &variables)
    };
    let failed = run("cat oom.log; exit 7");
    assert_eq!(failed.code, Some(7), "{}", failed.err);
    assert!(
        failed.out.contains("GPU 0 ran out of memory"),
        "{}",
        failed.out
    );
    let quality = fs::read_to_string(folder.path().join("gl-code-quality-report.json")).unwrap();
    let quality: Value = serde_json::from_str(&quality).unwrap();
    assert_eq!(quality[0]["location"]["path"], "train.py");
    let junit = fs::read_to_string(folder.path().join("whyoom-junit.xml")).unwrap();
    assert!(junit.contains("failures=\"1\""), "{junit}");
    assert_eq!(run("cat oom.log").code, Some(1));
    assert_eq!(run("echo fine").code, Some(0));
}

/// A script that can be run.
fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A stand-in for Slurm's own command, which is on no machine without Slurm.
fn scontrol(folder: &Path, out: &Path) {
    let text = format!(
        "#!/bin/sh\necho \"JobId=$3\"\necho '   StdErr={0}'\necho '   StdOut={0}'\n",
        out.display()
    );
    executable(&folder.join("bin/scontrol"), &text);
}

#[test]
fn the_epilog_for_slurm_leaves_a_report_beside_the_output_and_never_fails() {
    let folder = place();
    let user = Command::new("id").arg("-un").output().unwrap();
    let user = String::from_utf8(user.stdout).unwrap().trim().to_owned();
    let script = read("integrations/slurm/epilog.sh");
    let run = |out: &str| {
        scontrol(folder.path(), &folder.path().join(out));
        let variables = [("SLURM_JOB_ID", "7"), ("SLURM_JOB_USER", user.as_str())];
        assert_eq!(bash(&script, folder.path(), &variables).code, Some(0));
        fs::read_to_string(folder.path().join(format!("{out}.whyoom.txt"))).ok()
    };
    let report = run("oom.log").unwrap();
    assert!(report.contains("GPU 0 ran out of memory"), "{report}");
    fs::write(folder.path().join("fine.log"), "fine\n").unwrap();
    assert_eq!(run("fine.log"), None);
    assert!(run("missing.log").is_some_and(|report| report.contains("could be read")));
    assert_eq!(
        bash(&script, folder.path(), &[]).code,
        Some(0),
        "outside of a job"
    );
}

#[test]
fn the_sidecar_for_kubernetes_prints_a_failure_as_it_comes_and_ends_when_it_is_told_to() {
    let yaml = read("integrations/kubernetes/sidecar.yaml");
    let commands = yaml
        .lines()
        .filter_map(|line| line.trim().strip_prefix("command: "));
    let commands: Vec<Vec<String>> = commands
        .map(|list| serde_json::from_str(list).unwrap())
        .collect();
    let [sidecar, train] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    let folder = place();
    let here = |word: &String| word.replace("/logs/", &format!("{}/", folder.path().display()));
    let words: Vec<String> = sidecar.iter().map(here).collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args(&words[1..])
        .stdout(Stdio::from(
            fs::File::create(folder.path().join("told")).unwrap(),
        ))
        .spawn()
        .unwrap();
    // The log is there only once the program has begun.
    let script = here(train.last().unwrap()).replace("python train.py", "(cat oom.log; exit 3)");
    let program = bash(&script, folder.path(), &[]);
    assert_eq!(program.code, Some(3), "the pod ends as the program did");
    let told = || fs::read_to_string(folder.path().join("told")).unwrap();
    let begun = Instant::now();
    while told().is_empty() && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let failure: Value = serde_json::from_str(told().lines().next().unwrap()).unwrap();
    assert_eq!(failure["frame"]["line"], 87);
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn the_archive_of_a_release_holds_the_program_its_completions_and_its_manual() {
    let folder = place();
    let built = folder.path().join("whyoom-built-for-linux");
    fs::copy(env!("CARGO_BIN_EXE_whyoom"), &built).unwrap();
    let packed = Command::new("bash")
        .arg(root().join(".ci/archive"))
        .arg(&built)
        .arg("x86_64-unknown-linux-gnu")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(
        packed.status.success(),
        "{}",
        String::from_utf8_lossy(&packed.stderr)
    );
    // As the metadata for cargo-binstall names it.
    let archive = folder.path().join("whyoom-x86_64-unknown-linux-gnu.tar.gz");
    let listed = Command::new("tar")
        .arg("-tzf")
        .arg(archive)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for name in [
        "whyoom",
        "man/whyoom.1",
        "completions/_whyoom",
        "completions/whyoom.bash",
        "CHANGELOG.md",
        "LICENSE-MIT",
    ] {
        let path = format!("whyoom-x86_64-unknown-linux-gnu/{name}");
        assert!(
            listed.lines().any(|line| line == path),
            "{path} in {listed}"
        );
    }
    let manifest = read("Cargo.toml");
    assert!(
        manifest.contains("{ name }-{ target }{ archive-suffix }"),
        "binstall looks for that name"
    );
}

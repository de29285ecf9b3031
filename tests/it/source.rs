//! The program's own source: the line that keeps memory, its change as a patch, and sources that mean harm.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A loop that adds its losses up with their graphs.
const PROGRAM: &str = "import torch\n\nmodel = build()\ntotal = 0\nfor step, batch in enumerate(data):\n    loss = model(batch).mean()\n    \
                       optimizer.step()\n    total += loss\n    print(f\"step {step}\")\nprint(total)\n";

/// Its log: it fails in the forward pass of its 40th step.
pub(super) fn log(file: &str) -> String {
    let steps: Vec<String> = (0..40).map(|step| format!("step {step}/100\n")).collect();
    let steps = steps.concat();
    format!(
        "{steps}Traceback (most recent call last):\n  File \"{file}\", line 6, in <module>\n    loss = model(batch).mean()\n\
         torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which \
         1.12 GiB is free. Including non-PyTorch memory, this process has 22.51 GiB memory in use. Of the allocated memory 21.40 GiB \
         is allocated by PyTorch, and 412.00 MiB is reserved by PyTorch but unallocated.\n"
    )
}

/// Runs the command in a folder with this program and a log that names it.
fn run(folder: &Path, file: &str, flags: &[&str]) -> Output {
    fs::write(folder.join("run.log"), log(file)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command
        .args(["--repo-root", "repo"])
        .args(flags)
        .arg("run.log");
    command.current_dir(folder).env_clear().output().unwrap()
}

pub(super) fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("repo/src")).unwrap();
    fs::write(folder.path().join("repo/src/train.py"), PROGRAM).unwrap();
    folder
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_line_that_keeps_memory_is_named_with_its_change() {
    let folder = project();
    let output = run(
        folder.path(),
        "/home/alice/repo/src/train.py",
        &["--format", "json"],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incident = &report["incidents"][0];
    let because = incident["causes"][0]["because"].as_str().unwrap();
    assert!(
        because.contains("train.py:8 adds up tensors with their graphs: `total += loss`"),
        "{because}"
    );
    assert_eq!(incident["causes"][0]["finding"], "kept-graph");
    assert_eq!(incident["causes"][0]["confidence"], "likely");
    assert_eq!(incident["fixes"][0]["fix"], "item-or-detach");
    let patch = incident["fixes"][0]["patch"].as_str().unwrap();
    assert!(
        patch.contains("-    total += loss\n+    total += loss.detach()\n"),
        "{patch}"
    );
}

/// A program that fits all of its steps into one batch too many.
const SIZED: &str = "import torch\n\nmodel = build()\nloader = DataLoader(data, batch_size=48)\nval_loader = DataLoader(held, batch_size=96)\n\
                     for batch in loader:\n    model(batch).mean().backward()\n";

/// What a report says of fewer samples.
fn lower_batch_size(report: &Value) -> &Value {
    let fixes = report["incidents"][0]["fixes"].as_array().unwrap();
    let mut fixes = fixes.iter();
    fixes.find(|fix| fix["fix"] == "lower-batch-size").unwrap()
}

#[test]
fn the_batch_that_only_the_source_tells_is_halved_where_it_stands() {
    let folder = project();
    fs::write(folder.path().join("repo/src/train.py"), SIZED).unwrap();
    let output = run(
        folder.path(),
        "/home/alice/repo/src/train.py",
        &["--format", "json"],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let halved = lower_batch_size(&report);
    assert_eq!(halved["title"], "Halve the batch size, 48 → 24");
    let how = halved["how"].as_str().unwrap();
    assert!(
        how.starts_with("loader = DataLoader(data, batch_size=24)  # train.py:4, now 48"),
        "{how}"
    );
    let clues = report["incidents"][0]["clues"].as_array().unwrap();
    let kinds: Vec<&str> = clues
        .iter()
        .map(|clue| clue["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["sets-batch", "sets-eval-batch"]);
}

/// A function with two loops; the second one keeps what its model gives.
const TWO_LOOPS: &str = "def main():\n    for batch in train_loader:\n        step(batch)\n    kept = []\n    for batch in loader:\n        \
                         out = model(batch)\n        kept.append({\"step\": 1, \"out\": out})\n";

/// The report on a failure in the model of a file of its own, called in this line of the loops.
fn in_two_loops(line: u32) -> Value {
    let folder = project();
    fs::write(folder.path().join("repo/src/train.py"), TWO_LOOPS).unwrap();
    let steps: Vec<String> = (0..40).map(|step| format!("step {step}/100\n")).collect();
    let own = log("/srv/src/nets.py");
    let (_, failure) = own
        .split_once("Traceback (most recent call last):\n")
        .unwrap();
    let failure = failure.replace("<module>", "forward");
    let text = format!(
        "{}Traceback (most recent call last):\n  File \"/srv/src/train.py\", line {line}, in main\n    out = model(batch)\n{failure}",
        steps.concat()
    );
    fs::write(folder.path().join("run.log"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command.args(["--repo-root", "repo", "-f", "json", "run.log"]);
    let output = command
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_a_function_piles_up_counts_while_its_loop_runs() {
    let report = in_two_loops(6);
    let incident = &report["incidents"][0];
    let because = incident["causes"][0]["because"].as_str().unwrap();
    assert!(because.contains("train.py:7 keeps a result"), "{because}");
    let how = incident["fixes"][0]["how"].as_str().unwrap();
    assert!(
        how.starts_with("kept.append({\"step\": 1, \"out\": out.detach().cpu()})\n# train.py:7"),
        "{how}"
    );
    let report = in_two_loops(3).to_string();
    assert!(!report.contains("keeps a result"), "{report}");
}

#[test]
fn a_batch_that_the_log_shows_goes_before_that_of_the_source() {
    let folder = project();
    fs::write(folder.path().join("repo/src/train.py"), SIZED).unwrap();
    let log = format!("batch_size: 10\n{}", log("/home/alice/repo/src/train.py"));
    fs::write(folder.path().join("own.log"), log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command.args(["--repo-root", "repo", "-f", "json", "own.log"]);
    let output = command
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let halved = lower_batch_size(&report);
    assert_eq!(halved["title"], "Halve the batch size, 10 → 5");
}

#[test]
fn a_patch_applies_and_nothing_else_is_printed() {
    let folder = project();
    let output = run(folder.path(), "/home/alice/repo/src/train.py", &["--patch"]);
    let expected = "--- a/src/train.py\n+++ b/src/train.py\n@@ -5,6 +5,6 @@\n for step, batch in enumerate(data):\n     \
                    loss = model(batch).mean()\n     optimizer.step()\n-    total += loss\n+    total += loss.detach()\n     \
                    print(f\"step {step}\")\n print(total)\n";
    assert_eq!(text(&output.stdout), expected);
    assert_eq!(
        fs::read_to_string(folder.path().join("repo/src/train.py")).unwrap(),
        PROGRAM
    );
}

#[test]
fn sarif_and_markdown_show_the_change() {
    let folder = project();
    let file = "/home/alice/repo/src/train.py";
    let output = run(folder.path(), file, &["--format", "sarif"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let change = &report["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "src/train.py");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 8);
    assert_eq!(
        change["replacements"][0]["insertedContent"]["text"],
        "    total += loss.detach()"
    );
    let output = run(folder.path(), file, &["--format", "markdown"]);
    assert!(text(&output.stdout).contains("```diff\n--- a/src/train.py\n"));
}

#[test]
fn quoted_code_is_redacted_like_all_else() {
    let folder = project();
    let secret = PROGRAM.replace(
        "total += loss",
        "total += loss  # see /home/alice/notes.txt",
    );
    fs::write(folder.path().join("repo/src/train.py"), secret).unwrap();
    for format in ["json", "markdown", "sarif", "terminal"] {
        let file = "/home/alice/repo/src/train.py";
        let output = run(folder.path(), file, &["--redact", "--format", format]);
        let printed = text(&output.stdout);
        assert!(printed.contains("total"), "{format}: {printed}");
        assert!(!printed.contains("alice"), "{format}: {printed}");
    }
}

#[test]
fn no_sign_of_a_source_reaches_the_terminal_as_a_command() {
    let folder = project();
    let sly = PROGRAM.replace(
        "total += loss",
        "total += loss  # \u{1b}]0;pwned\u{7}\u{202e}",
    );
    fs::write(folder.path().join("repo/src/train.py"), sly).unwrap();
    for format in ["json", "markdown", "sarif", "terminal", "patch"] {
        let output = run(folder.path(), "src/train.py", &["--format", format]);
        let printed = text(&output.stdout);
        assert!(
            !printed.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{format}: {printed:?}"
        );
    }
}

#[test]
fn hostile_sources_are_passed_over() {
    let deep = format!("x = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let loops: Vec<String> = (0..900)
        .map(|n| format!("{}for x{n} in y:\n", " ".repeat(n)))
        .collect();
    let loops = loops.concat();
    let large = format!("{PROGRAM}{}", "# nothing\n".repeat(1_000_000));
    let knobs: Vec<String> = (4..20_004).map(|n| format!("batch_size = {n}\n")).collect();
    let sources = [
        knobs.concat().into_bytes(),
        deep.into_bytes(),
        loops.into_bytes(),
        large.into_bytes(),
        vec![0xff, 0, 0x1b, 0x80],
    ];
    for source in sources {
        let folder = project();
        fs::write(folder.path().join("repo/src/train.py"), source).unwrap();
        let output = run(
            folder.path(),
            "/home/alice/repo/src/train.py",
            &["--format", "json"],
        );
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).contains("adds up"));
    }
}

#[cfg(unix)]
#[test]
fn no_file_outside_of_the_root_is_read() {
    let folder = project();
    let outside = folder.path().join("outside.py");
    fs::write(&outside, PROGRAM).unwrap();
    let inside = folder.path().join("repo/src/train.py");
    fs::remove_file(&inside).unwrap();
    std::os::unix::fs::symlink(&outside, &inside).unwrap();
    for file in [
        "src/train.py",
        "../outside.py",
        "repo/../../outside.py",
        outside.to_str().unwrap(),
    ] {
        let output = run(folder.path(), file, &["--format", "json"]);
        assert!(!text(&output.stdout).contains("adds up"), "{file}");
    }
}

/// A line that only the log shows is named and mended in words; there is no file to change.
#[test]
fn a_line_of_the_log_alone_makes_no_change_of_a_file() {
    let log = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/cases/line-keeps-embeddings/log.txt"
    );
    for format in ["sarif", "patch", "json", "markdown"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
        let printed = command.args(["-f", format, log]).output().unwrap();
        let printed = text(&printed.stdout);
        assert!(!printed.contains("--- a/"), "{format}: {printed}");
        assert!(!printed.contains("artifactChanges"), "{format}: {printed}");
        let named = printed.contains("embs.append(");
        assert!(named || format == "patch", "{format}: {printed}");
    }
}

#[test]
fn a_batch_that_another_file_sets_is_halved_there() {
    let rows = [
        (
            "config.yaml",
            "lr: 0.1\nbatch_size: 72  # rows\n",
            "batch_size: 36  # rows",
            "import yaml\ncfg = load(\"config.yaml\")\n",
        ),
        (
            "hp.json",
            "{\"lr\": 0.1, \"batch_size\": 72}\n",
            "{\"lr\": 0.1, \"batch_size\": 36}",
            "cfg = load(\"hp.json\")\n",
        ),
        (
            "settings.py",
            "BATCH_SIZE = 72\n",
            "BATCH_SIZE = 36",
            "from settings import BATCH_SIZE\n",
        ),
        (
            "conf/run.yaml",
            "data:\n  batch_size: 72\n",
            "batch_size: 36",
            "@hydra.main(config_path=\"conf\", config_name=\"run\")\n",
        ),
    ];
    for (file, text, new, head) in rows {
        let folder = project();
        let beside = folder.path().join("repo/src").join(file);
        fs::create_dir_all(beside.parent().unwrap()).unwrap();
        fs::write(&beside, text).unwrap();
        let program = format!(
            "{head}def main(cfg):\n    pass\nmodel = build()\nfor x in data:\n    loss = model(x).mean()\n    loss.backward()\n"
        );
        fs::write(folder.path().join("repo/src/train.py"), program).unwrap();
        let output = run(
            folder.path(),
            "/home/alice/repo/src/train.py",
            &["--format", "json"],
        );
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let halved = lower_batch_size(&report);
        assert_eq!(halved["title"], "Halve the batch size, 72 → 36", "{file}");
        assert!(halved["how"].as_str().unwrap().starts_with(new), "{halved}");
    }
}

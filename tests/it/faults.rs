//! Programs with one fault put in (`fixtures/faults`): the line is named, and in the same program without it none is blamed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What each name in the programs stands for, as the JSON report calls it.
const FAULTS: [(&str, &str); 13] = [
    ("nograd", "evaluates-with-graph"),
    ("nograd2", "evaluates-with-graph"),
    ("retry", "retries-in-except"),
    ("again", "builds-model-again"),
    ("attn", "writes-attention"),
    ("load", "loads-on-device"),
    ("sd", "keeps-objects"),
    ("hook", "hook-stores"),
    ("retain", "carries-state"),
    ("keep", "keeps-outputs"),
    ("sum", "adds-graph"),
    ("once", "one-backward"),
    ("caught", "keeps-exceptions"),
];
/// A line of a file of a program.
type Line = (String, u64);

/// Faults that are not found yet: what only a caller elsewhere, or a trainer, can tell.
const MISSED: [&str; 5] = [
    "cell-app again",
    "gat-linkpred nograd",
    "lit-ssl nograd",
    "mae-linear nograd",
    "ppo-rlhf nograd",
];

/// The files of a program with the fault of a name, or with none, and the lines that are marked.
fn with(text: &str, fault: &str) -> (Vec<(String, String)>, Vec<Line>) {
    let (mut part, mut below) = ("", false);
    let mut files = vec![("main.py".to_owned(), String::new())];
    let mut marked = Vec::new();
    for line in text.lines() {
        if let Some(file) = line.strip_prefix("#= ") {
            files.push((file.to_owned(), String::new()));
        } else if let Some(name) = line.strip_prefix("#? ") {
            (part, below) = (name, false);
        } else if line == "#:" {
            below = true;
        } else if line == "#." {
            part = "";
        } else if part.is_empty() || below == (part == fault) {
            let (file, program) = files.last_mut().unwrap();
            program.push_str(line.split("  #!").next().unwrap());
            program.push('\n');
            if line.contains("#!") {
                marked.push((file.clone(), program.lines().count() as u64));
            }
        }
    }
    (files, marked)
}

/// The lines that a report blames, with their kinds.
fn blamed(files: &[(String, String)]) -> Vec<(String, Line)> {
    let folder = tempfile::tempdir().unwrap();
    for (file, program) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, program).unwrap();
    }
    let log = "Traceback (most recent call last):\n  File \"/srv/main.py\", line 1, in <module>\n    main()\n\
               torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 734.00 MiB. GPU 0 has a total capacity of 23.64 GiB of \
               which 512.69 MiB is free.\n";
    fs::write(folder.path().join("run.log"), log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command.args(["--repo-root", ".", "-f", "json", "--no-config", "run.log"]);
    let output = command
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let clues = report["incidents"][0]["clues"].as_array();
    let clues = clues.into_iter().flatten().map(|clue| {
        let kind = clue["kind"].as_str().unwrap().to_owned();
        let file = clue["file"].as_str().unwrap();
        let file = file.strip_prefix("/srv/").unwrap_or(file).to_owned();
        (kind, (file, clue["line"].as_u64().unwrap()))
    });
    // What sets a size is no fault.
    let sizes = ["sets-", "makes-adam", "learns-from"];
    clues
        .filter(|(kind, _)| !sizes.iter().any(|size| kind.starts_with(size)))
        .collect()
}

#[test]
fn the_line_of_a_fault_is_named_and_none_without_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/faults");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "py") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let clean = blamed(&with(&text, "").0);
        if !clean.is_empty() {
            wrong.push(format!("{name}: {clean:?} in a program without a fault"));
        }
        for (fault, kind) in FAULTS {
            if !text.contains(&format!("#? {fault}\n")) {
                continue;
            }
            let (program, marked) = with(&text, fault);
            let found = blamed(&program);
            let named = found
                .iter()
                .any(|(is, line)| is == kind && marked.contains(line));
            let known = MISSED.contains(&format!("{name} {fault}").as_str());
            if !marked.is_empty() && named == known {
                wrong.push(format!(
                    "{name} with {fault}: {marked:?} is marked, {found:?} found"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

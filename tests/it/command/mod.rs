//! The program as people run it: arguments, exit codes, what comes out on which stream, and bad input.

mod encodings;
mod help;
mod lists;
use crate::cases::Case;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use crate::process::{Run, command, finish};
use serde_json::Value;

/// A message that is a failure whatever stands around it.
const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of \
    139.80 GiB of which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the \
    allocated memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.";

fn run(arguments: &[&str], input: &[u8]) -> Run {
    finish(command(arguments), input)
}

fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn standard_input_is_read_unasked_and_by_its_name() {
    for arguments in [&[][..], &["-"], &["--format", "json", "-"]] {
        let run = run(arguments, MESSAGE.as_bytes());
        assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(run.out.contains("<stdin>"), "{}", run.out);
    }
}

#[test]
fn the_exit_code_says_clean_found_wrong_or_partial_whatever_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let bad = put(folder.path(), "bad.log", MESSAGE);
    let good = put(folder.path(), "good.log", "step 1 loss 0.5\n");
    let missing = folder.path().join("missing.log");
    let missing = missing.to_str().unwrap();
    for format in whyoom::report::ALL.iter().map(|output| output.name) {
        let code = |paths: &[&str]| {
            let mut arguments = vec!["--format", format];
            arguments.extend_from_slice(paths);
            run(&arguments, b"").code.unwrap()
        };
        assert_eq!(code(&[&good]), 0);
        assert_eq!(code(&[&good, &bad]), 1);
        assert_eq!(code(&[&bad, missing]), 3);
        assert_eq!(code(&["--exit-zero", &bad]), 0);
        assert_eq!(code(&["--exit-zero", &bad, missing]), 3);
        assert_eq!(code(&["--no-such-flag"]), 2);
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let bad = put(folder.path(), "bad.log", MESSAGE);
    let missing = folder.path().join("missing.log");
    let run = run(&["-f", "json", missing.to_str().unwrap(), &bad], b"");
    assert!(run.err.contains("missing.log"), "{}", run.err);
    let report = run.json();
    assert_eq!(report["inputs"][0]["complete"], false);
    assert!(report["inputs"][0]["problem"].is_string());
    assert_eq!(report["inputs"][1]["complete"], true);
    assert_eq!(report["incidents"][0]["source"], bad);
}

#[test]
fn a_folder_is_read_file_by_file_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.log", "a.log"] {
        put(folder.path(), name, MESSAGE);
    }
    let report = run(&["-f", "json", folder.path().to_str().unwrap()], b"").json();
    let sources: Vec<_> = report["inputs"].as_array().unwrap().iter().collect();
    assert_eq!(sources.len(), 2);
    assert!(sources[0]["source"].as_str().unwrap().ends_with("a.log"));
}

#[test]
fn an_empty_folder_is_not_a_clean_read() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&[folder.path().to_str().unwrap()], b"");
    assert_eq!(run.code, Some(3));
    assert!(run.err.contains("holds no files"), "{}", run.err);
}

#[test]
fn quiet_leaves_only_the_exit_code() {
    let run = run(&["--quiet"], MESSAGE.as_bytes());
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (Some(1), "", "")
    );
}

#[test]
fn empty_input_is_called_empty() {
    let run = run(&[], b"");
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("`<stdin>` is empty."), "{}", run.out);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly_and_with_its_code() {
    let mut child = command(&["-f", "json"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // More than a pipe holds, so that the writer meets the closed end.
    let many = format!("{MESSAGE}\nstep\n").repeat(300);
    stdin.write_all(many.as_bytes()).unwrap();
    drop(stdin);
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(1), ""));
}

#[test]
fn colour_is_used_only_where_it_is_asked_for() {
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(arguments);
        command.envs(variables.iter().copied());
        finish(command, MESSAGE.as_bytes()).out.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color=always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color=never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn escapes_in_a_log_or_a_path_never_come_out_raw() {
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let log = format!(
        "{hostile}\nTraceback (most recent call last):\n  File \"{hostile}.py\", line 8, in {hostile}\n    {hostile}\n{MESSAGE}{hostile}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "\u{1b}]0;x.log", &log);
    let missing = format!("{path}\u{1b}]0");
    for format in ["terminal", "json"] {
        let run = run(&["-f", format, "-", &path, &missing], log.as_bytes());
        for text in [&run.out, &run.err] {
            let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(raw), "{format}: {text:?}");
        }
        assert_eq!(run.code, Some(3));
    }
}

#[test]
fn ascii_is_kept_to_where_nothing_else_can_be_drawn() {
    let ascii = |arguments: &[&str], locale: &str| {
        let mut command = command(arguments);
        command.env("LC_ALL", locale);
        finish(command, MESSAGE.as_bytes()).out.is_ascii()
    };
    // All of the report, with its bars.
    assert!(ascii(&["--verbose"], "C"));
    assert!(ascii(&["--verbose", "--ascii"], "C.UTF-8"));
    assert!(!ascii(&["--verbose"], "C.UTF-8"));
}

#[test]
fn every_report_keeps_to_the_schema() {
    let schema: Value = serde_json::from_str(&run(&["schema"], b"").out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut logs = vec![Vec::new(), MESSAGE.as_bytes().to_vec()];
    for case in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases")).unwrap() {
        logs.push(fs::read(case.unwrap().path().join("log.txt")).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    for (number, log) in logs.iter().enumerate() {
        put(folder.path(), &format!("{number}.log"), log);
    }
    let report = run(
        &["-f", "json", folder.path().to_str().unwrap(), "/missing"],
        b"",
    )
    .json();
    let wrong: Vec<String> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!report["incidents"].as_array().unwrap().is_empty());
    let mut other = report;
    other["incidents"][0]["memory"] = "elsewhere".into();
    assert!(!validator.is_valid(&other), "the schema takes anything");
}

#[test]
fn fixes_are_limited_as_asked() {
    let count = |arguments: &[&str]| {
        let report = run(arguments, MESSAGE.as_bytes()).json();
        report["incidents"][0]["fixes"].as_array().unwrap().len()
    };
    assert_eq!(count(&["-f", "json", "--fixes", "1"]), 1);
    assert!(count(&["-f", "json"]) > 1);
}

#[test]
fn an_id_that_is_nearly_right_gets_the_right_one_named() {
    let run = run(&["explain", "fragmentatoin"], b"");
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("did you mean `fragmentation`?"),
        "{}",
        run.err
    );
}

#[test]
fn every_id_that_a_list_names_has_a_page() {
    for list in ["causes", "fixes"] {
        let entries = run(&["list", list, "--format", "json"], b"").json();
        let entries = entries.as_array().unwrap();
        assert!(!entries.is_empty());
        // A run for each would take long: the first and the last stand for the others.
        for entry in [&entries[0], &entries[entries.len() - 1]] {
            let page = run(&["explain", entry["id"].as_str().unwrap()], b"");
            assert_eq!(page.code, Some(0), "{}", page.err);
            assert!(!page.out.is_empty());
        }
    }
}

#[test]
fn the_demo_shows_a_failure_and_lists_the_others_which_are_logs_of_a_real_card() {
    let shown = run(&["demo"], b"").out;
    let (report, list) = shown.split_once("\nMore logs of a real card").unwrap();
    assert!(report.contains("GPU 0 ran out of memory"), "{report}");
    let names: Vec<&str> = list
        .lines()
        .skip(2)
        .filter_map(|line| line.split(' ').next().filter(|name| !name.is_empty()))
        .collect();
    assert!(names.len() > 10, "{list}");
    let cases = Case::all();
    for name in names {
        let log = run(&["demo", name, "--log"], b"").out;
        assert!(
            cases.iter().any(|case| case.log == log.as_bytes()),
            "{name} is no log of a case"
        );
        // The names of the sources differ in width, so only the verdict is compared.
        let verdict = |text: &str| {
            text.lines()
                .find(|l| l.contains(": ") && !l.contains("ran out"))
                .map(str::to_owned)
        };
        let (demo, piped) = (run(&["demo", name], b""), run(&[], log.as_bytes()));
        assert_eq!((demo.code, piped.code), (Some(0), Some(1)), "{name}");
        assert_eq!(verdict(&demo.out), verdict(&piped.out), "{name}");
    }
}

#[test]
fn completions_manual_and_version_are_printed() {
    for (arguments, holds) in [
        (&["completions", "bash"][..], "--exit-zero"),
        (&["man"], ".TH whyoom"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["--help"], "Exit codes"),
    ] {
        let run = run(arguments, b"");
        assert_eq!(run.code, Some(0));
        assert!(run.out.contains(holds), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn reports_of_many_inputs_are_the_same_however_many_are_read_at_once() {
    let top = tempfile::tempdir().unwrap();
    let mut names = String::new();
    for i in 0..40 {
        let path = top.path().join(format!("{i:02}.log"));
        let text = if i % 3 == 0 { MESSAGE } else { "all went well" };
        fs::write(&path, "step\n".repeat(i * 99) + text).unwrap();
        names.extend([path.to_str().unwrap(), "\0"]);
    }
    names += "/no/such/file\0";
    let with = |jobs: &str| {
        run(
            &["--files-from", "-", "--jobs", jobs, "-f", "json"],
            names.as_bytes(),
        )
    };
    let one = with("1");
    assert_eq!(one.json()["inputs"].as_array().map(Vec::len), Some(41));
    assert_eq!(one.code, Some(3));
    for jobs in ["2", "16"] {
        let many = with(jobs);
        assert_eq!(
            (many.code, &many.out, &many.err),
            (one.code, &one.out, &one.err)
        );
    }
}

#[test]
fn a_traceback_that_docker_wrapped_in_json_is_explained_at_its_own_lines() {
    let lines = [
        "starting",
        "Traceback (most recent call last):",
        "  File \"/app/train.py\", line 7, in main",
        "    loss.backward()",
        MESSAGE,
    ];
    let wrapped = lines.map(|line| {
        serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2026-11-20T12:00:00.1Z"})
            .to_string()
    });
    let explained = run(&["-f", "json"], wrapped.join("\n").as_bytes());
    assert_eq!(explained.code, Some(1));
    assert!(
        explained.out.contains("/app/train.py") && explained.out.contains("\"line\": 5"),
        "{}",
        explained.out
    );
}

//! One run of the command writes all reports: one to standard output, the others into files.

use std::fs;
use std::path::Path;

use crate::process::{Run, command, finish};
use serde_json::Value;
use tempfile::TempDir;

const FAILURE: &str = "CUDA:0 (NVIDIA RTX 4090, 24217MiB)\nstep 1 memory allocated: 20.00 GiB\nstep 2 memory allocated: 21.00 GiB\n\
    step 3 memory allocated: 21.50 GiB\nTraceback (most recent call last):\n  File \"src/train.py\", line 8, in main\n    y = model(x)\n\
    torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which \
    1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved by PyTorch but unallocated.\n";

/// A folder with a log that holds a failure.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.log"), FAILURE).unwrap();
    folder
}

fn run(folder: &TempDir, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.current_dir(folder.path());
    finish(command, b"")
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn each_report_of_one_run_is_what_it_is_alone_and_so_is_the_exit_code() {
    let folder = folder();
    let formats = whyoom::report::ALL.iter().map(|output| output.name);
    let mut all = vec!["a.log".to_owned(), "-f".to_owned(), "github".to_owned()];
    for format in formats.clone() {
        all.extend(["-f".to_owned(), format!("{format}=out.{format}")]);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let together = run(&folder, &all);
    assert_eq!(together.code, Some(1), "{}", together.err);
    for format in formats {
        let alone = run(&folder, &["a.log", "-f", format]);
        assert_eq!(alone.code, Some(1));
        assert_eq!(
            read(&folder, &format!("out.{format}")),
            alone.out,
            "{format}"
        );
        if format == "github" {
            assert_eq!(together.out, alone.out);
        }
    }
    let hidden = names(folder.path())
        .into_iter()
        .filter(|name| name.starts_with('.'));
    assert_eq!(hidden.count(), 0);
}

#[test]
fn where_each_report_has_a_file_standard_output_stays_empty() {
    let folder = folder();
    let run = run(
        &folder,
        &[
            "a.log",
            "-f",
            "json=report.json",
            "--format=ndjson=all.ndjson",
        ],
    );
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (Some(1), "", "")
    );
    let report: Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    let line: Value = serde_json::from_str(&read(&folder, "all.ndjson")).unwrap();
    assert_eq!(report["incidents"][0]["fingerprint"], line["fingerprint"]);
}

#[test]
fn two_reports_on_one_stream_or_in_one_file_are_wrong_use_and_both_are_named() {
    let folder = folder();
    for (formats, named) in [
        (
            ["json", "github"],
            "--format: `json` and `github` would both go to standard output",
        ),
        (
            ["json", "json"],
            "`json` and `json` would both go to standard output",
        ),
        (
            ["json=a.out", "sarif=./a.out"],
            "`json` and `sarif` would both go to `./a.out`",
        ),
    ] {
        let arguments = ["a.log", "-f", formats[0], "-f", formats[1]];
        let run = run(&folder, &arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(run.err.contains(named), "{}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    assert_eq!(names(folder.path()), ["a.log"]);
}

#[test]
fn a_file_that_cannot_be_written_is_one_line_with_its_path() {
    let folder = folder();
    for path in ["none/report.json", "."] {
        let run = run(
            &folder,
            &["a.log", "-f", &format!("json={path}"), "-f", "github"],
        );
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(
            run.err
                .starts_with(&format!("whyoom: cannot write `{path}`: ")),
            "{}",
            run.err
        );
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    let unknown = run(&folder, &["a.log", "-f", "jsn=report.json"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("'jsn'") && unknown.err.contains("ndjson"),
        "{}",
        unknown.err
    );
}

#[test]
fn a_report_of_an_earlier_run_in_the_folder_is_no_log() {
    let folder = folder();
    let arguments = [".", "-f", "terminal=report.txt", "-f", "json"];
    for _ in 0..2 {
        let inputs = run(&folder, &arguments).json()["inputs"].clone();
        assert_eq!(inputs.as_array().unwrap().len(), 1, "{inputs}");
    }
}

#[test]
fn quiet_leaves_standard_output_empty_and_the_files_written() {
    let folder = folder();
    let run = run(
        &folder,
        &["-q", "a.log", "-f", "json=report.json", "-f", "terminal"],
    );
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(read(&folder, "report.json").contains("\"fingerprint\""));
}

#[test]
fn a_settings_file_names_several_and_its_paths_are_meant_from_there() {
    let folder = folder();
    fs::create_dir(folder.path().join("deep")).unwrap();
    let settings = "format = [\"markdown\", \"json=report.json\"]\n[run]\nformat = [\"terminal\", \"junit=run.xml\"]\n";
    fs::write(folder.path().join("whyoom.toml"), settings).unwrap();
    let mut plain = command(&["../a.log"]);
    plain.current_dir(folder.path().join("deep"));
    let plain = finish(plain, b"");
    assert_eq!(plain.code, Some(1), "{}", plain.err);
    assert!(plain.out.starts_with("## "), "{}", plain.out);
    assert!(read(&folder, "report.json").starts_with('{'));
    let flags = run(&folder, &["a.log", "-f", "sarif=b.sarif"]);
    assert_eq!((flags.code, flags.out.as_str()), (Some(1), ""));
    #[cfg(unix)]
    {
        let ran = run(
            &folder,
            &["run", "--no-inside", "--", "sh", "-c", "cat a.log; exit 7"],
        );
        assert_eq!(ran.code, Some(7));
        assert!(ran.err.contains("GPU 0 ran out of memory"), "{}", ran.err);
        assert!(read(&folder, "run.xml").contains("<testsuite"));
    }
}

#[cfg(unix)]
mod of_a_program {
    use super::*;

    #[test]
    fn a_program_that_is_run_keeps_its_streams_and_its_exit_code_and_the_reports_are_in_files() {
        let folder = folder();
        let flags = [
            "run",
            "--no-inside",
            "-f",
            "json=report.json",
            "-f",
            "sarif=out.sarif",
            "-f",
            "github",
        ];
        let program = ["--", "sh", "-c", "cat a.log; exit 7"];
        let ran = run(&folder, &[&flags[..], &program].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(7), FAILURE));
        assert!(
            ran.err.contains("\n::error file=src/train.py,line=8,"),
            "{}",
            ran.err
        );
        let report: Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
        assert_eq!(report["incidents"].as_array().unwrap().len(), 1);
        assert!(read(&folder, "out.sarif").contains("src/train.py"));
    }

    #[test]
    fn where_nothing_fails_only_files_are_written_and_they_say_so() {
        let folder = folder();
        let flags = [
            "run",
            "--no-inside",
            "-f",
            "json=report.json",
            "-f",
            "github",
            "--",
            "echo",
            "well",
        ];
        let ran = run(&folder, &flags);
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (Some(0), "well\n", "")
        );
        assert!(read(&folder, "report.json").contains("\"incidents\": []"));
    }

    #[test]
    fn nothing_is_run_where_the_report_could_not_be_written() {
        let folder = folder();
        for (formats, words) in [
            (
                ["json=none/a.json", "github"],
                "cannot write `none/a.json`: ",
            ),
            (
                ["json", "github"],
                "`json` and `github` would both go to standard error",
            ),
        ] {
            let flags = [
                "run", "-f", formats[0], "-f", formats[1], "--", "touch", "ran",
            ];
            let ran = run(&folder, &flags);
            assert_eq!(ran.code, Some(2));
            assert!(ran.err.contains(words), "{}", ran.err);
            assert!(!folder.path().join("ran").exists());
        }
    }
}

#[test]
fn the_checkout_of_the_job_is_the_root_of_paths_unless_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for repository in ["here", "there"] {
        let src = folder.path().join(repository).join("src");
        fs::create_dir_all(&src).unwrap();
        fs::write(src.join("train.py"), "").unwrap();
    }
    let inner = folder.path().join("here/src/nets");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("unet.py"), "").unwrap();
    let log = FAILURE.replace("src/train.py", "/opt/copy/src/nets/unet.py");
    let here = folder.path().join("here").to_str().unwrap().to_owned();
    let there = folder.path().join("there").to_str().unwrap().to_owned();
    for (system, name) in [
        ("GITHUB_ACTIONS", "GITHUB_WORKSPACE"),
        ("GITLAB_CI", "CI_PROJECT_DIR"),
        ("BUILDKITE", "BUILDKITE_BUILD_CHECKOUT_PATH"),
        ("TF_BUILD", "BUILD_SOURCESDIRECTORY"),
        ("JENKINS_URL", "WORKSPACE"),
        ("CIRCLECI", "CIRCLE_WORKING_DIRECTORY"),
        ("TRAVIS", "TRAVIS_BUILD_DIR"),
    ] {
        let in_job = |flags: &[&str], system: &str| {
            let mut command = command(flags);
            command.env(system, "true").env(name, &here);
            finish(command, log.as_bytes()).out
        };
        let github = in_job(&["-f", "github"], system);
        assert!(
            github.contains("::error file=src/nets/unet.py,line=8,"),
            "{name}: {github}"
        );
        let gitlab = in_job(&["-f", "gitlab"], system);
        assert!(
            gitlab.contains("\"path\": \"src/nets/unet.py\""),
            "{name}: {gitlab}"
        );
        let sarif = in_job(&["-f", "sarif"], system);
        assert!(
            sarif.contains("\"uri\": \"src/nets/unet.py\""),
            "{name}: {sarif}"
        );
        // Outside of the job the variable may be anybody's.
        assert!(
            !in_job(&["-f", "github"], "OTHER").contains("file=src/nets"),
            "{name}"
        );
        let named = in_job(&["-f", "github", "--repo-root", &there], system);
        assert!(!named.contains("file=src/nets"), "{name}: {named}");
    }
}

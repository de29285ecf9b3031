//! A log is written by others: nothing of it comes out of any output in a form that a terminal, a CI runner or a renderer
//! would execute. The program is run as people run it, and its streams are searched.

use std::fs;
use std::path::Path;

use crate::process;
use serde_json::Value;
use whyoom::report::{ALL, sanitize::acts};

/// What somebody might write into a log: commands of runners, escapes, ends of what quotes it, markup, mentions. Each bears
/// a word by which it is found again.
const PAYLOADS: &[&str] = &[
    "::error::planted",
    "  ::add-mask::planted",
    "::stop-commands::planted",
    "##[error]planted",
    "###[add-path]planted",
    "##vso[task.complete result=Succeeded]planted",
    "##teamcity[buildStatus text='planted']",
    "\u{1b}[2J\u{1b}]0;planted\u{7}",
    "\u{9b}31mplanted\u{90}q\u{9c}",
    "section_start:1:planted\r\u{1b}[0K",
    "</failure></testcase>planted]]><!--",
    "<script>alert('planted')</script><img src=x onerror=y>",
    "```\n::error::planted\n```",
    "`planted` ``` <b>",
    "[planted](https://example.invalid) ![planted](https://example.invalid/i.png)",
    "@planted #1 | planted | https://example.invalid",
    "\u{202e}planted\u{2066}\u{200b}\u{e0041}",
    "a,b:c%0A::error::planted",
    "\"}], \"planted\": [{\"",
];

/// A failure whose file, function and line of code are the payload, with a setting and a process that hold it.
fn log(payload: &str) -> String {
    let name = payload.replace('"', "'");
    format!(
        "{payload}\nPYTORCH_CUDA_ALLOC_CONF={payload}\nstep {payload}: allocated 3.00 GiB\n\
         Traceback (most recent call last):\n  File \"{name}\", line 3, in {payload}\n    {payload}\n  \
         File \"/work/{name}/run.py\", line 7, in main\n    model({payload})\n\
         torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB \
         of which 1.12 GiB is free. Process 4242 has 20.00 GiB memory in use. Of the allocated memory 21.40 GiB is \
         allocated by PyTorch, and 412.00 MiB is reserved by PyTorch but unallocated. {payload}\n{payload}\n"
    )
}

/// What came out: on both streams, and on the page of the job.
struct Run {
    out: String,
    err: String,
    page: String,
    code: Option<i32>,
}

fn run(folder: &Path, format: &str, arguments: &[&str]) -> Run {
    let page = folder.join("page.md");
    let _ = fs::remove_file(&page);
    let mut command = process::command(&["--format", format]);
    command
        .args(arguments)
        .current_dir(folder)
        .env("GITHUB_STEP_SUMMARY", &page);
    let process::Run { code, out, err } = process::finish(command, b"");
    Run {
        out,
        err,
        page: fs::read_to_string(&page).unwrap_or_default(),
        code,
    }
}

/// What each output says of some inputs. One run writes them all, as to start the program takes longer than to write; that each is
/// what it is alone is what `one_run` compares.
fn run_all(folder: &Path, inputs: &[&str]) -> Vec<(&'static str, Run)> {
    let files = ALL.iter().map(|output| format!("{0}=out.{0}", output.name));
    let files: Vec<String> = files.collect();
    let files = files.iter().flat_map(|file| ["--format", file]);
    let arguments: Vec<&str> = files.chain(inputs.iter().copied()).collect();
    let whole = run(folder, "github", &arguments);
    let outputs = ALL.iter().map(|output| {
        let file = folder.join(format!("out.{}", output.name));
        let out = match output.name {
            "github" => whole.out.clone(),
            _ => fs::read_to_string(&file).unwrap(),
        };
        fs::remove_file(file).unwrap();
        let (err, page) = (whole.err.clone(), whole.page.clone());
        let code = whole.code;
        (
            output.name,
            Run {
                out,
                err,
                page,
                code,
            },
        )
    });
    outputs.collect()
}

/// Lines that a runner of GitHub would take for commands.
fn commands(text: &str) -> Vec<&str> {
    let opens = |line: &&str| line.trim_start().starts_with("::");
    text.split(['\n', '\r']).filter(opens).collect()
}

/// What no output may hold, whatever its format.
fn executable(text: &str) -> Option<&'static str> {
    let open = ["##[", "##vso[", "##teamcity["];
    if text.contains(|c| c != '\n' && acts(c)) {
        return Some("a control character");
    }
    open.into_iter().find(|command| text.contains(command))
}

/// Markdown without its code: what a renderer reads as markup.
fn outside_of_code(page: &str) -> String {
    let mut plain = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let ticks: String = line
            .trim_start()
            .chars()
            .take_while(|c| *c == '`')
            .collect();
        match &fence {
            Some(open) if line.trim() == open => fence = None,
            None if ticks.len() >= 3 && !line.trim_start()[ticks.len()..].contains('`') => {
                fence = Some(ticks);
            }
            Some(_) => {}
            None => plain += &(without_spans(line) + "\n"),
        }
    }
    assert!(fence.is_none(), "a fence is left open:\n{page}");
    plain
}

/// A line without its code spans: each ends at the next run of as many backticks.
fn without_spans(line: &str) -> String {
    let mut rest = line;
    let mut plain = String::new();
    while let Some(at) = rest.find('`') {
        plain += &rest[..at];
        let after = &rest[at..];
        let ticks = after.len() - after.trim_start_matches('`').len();
        let body = &after[ticks..];
        let mut search = 0;
        let end = loop {
            let found = body[search..]
                .find(&"`".repeat(ticks))
                .map(|found| search + found);
            let Some(found) = found else { break None };
            let run = body[found..].len() - body[found..].trim_start_matches('`').len();
            if run == ticks {
                break Some(found + run);
            }
            search = found + run;
        };
        let Some(end) = end else {
            return plain + after;
        };
        rest = &body[end..];
    }
    plain + rest
}

fn check_markdown(page: &str) {
    let plain = outside_of_code(page);
    for markup in ["<", "](", "![", "@planted", "#1", "https://", "`"] {
        assert!(
            !plain.contains(markup),
            "{markup} in:\n{plain}\nof:\n{page}"
        );
    }
}

/// Every tag of a page is one of ours, with our attributes, and no text of a log is in one.
fn check_html(page: &str) {
    const ATTRIBUTES: &str = "lang charset http-equiv content name rel class id href open viewBox role preserveAspectRatio aria-hidden aria-label width height points x1 y1 x2 y2 x y";
    let body = page.split("</style>").nth(1).unwrap();
    for part in body.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        assert!(!words.contains('>'), "a bracket in text: {words}");
        assert!(
            !tag.contains("planted") || tag.contains("aria-label"),
            "{tag}"
        );
        let mut quoted = tag.split('"');
        let mut names: Vec<&str> = Vec::new();
        while let Some(outside) = quoted.next() {
            names.extend(
                outside
                    .split([' ', '=', '/', '\n'])
                    .filter(|name| !name.is_empty()),
            );
            quoted.next();
        }
        let close = tag.starts_with('/');
        for name in names.iter().skip(1) {
            let known = ATTRIBUTES.split(' ').any(|known| known == *name) || *name == "text-anchor";
            assert!(known && !close, "{name} in <{tag}>");
        }
        assert!(
            !["script", "img", "iframe", "a href=\"http"]
                .iter()
                .any(|bad| tag.starts_with(bad)),
            "<{tag}>"
        );
    }
}

/// Every command in the output of `github` is one of ours: the fence around the report, then annotations.
fn check_github(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    let close = format!("::{token}::");
    let end = lines.iter().position(|line| *line == close).unwrap();
    assert!(commands(&lines[1..end].join("\n")).is_empty(), "{text}");
    for line in &lines[end + 1..] {
        let properties = line
            .strip_prefix("::error file=")
            .unwrap_or_else(|| panic!("{line:?} is no annotation of ours"));
        let (properties, data) = properties.split_once("::").unwrap();
        let keys: Vec<&str> = properties
            .split(',')
            .skip(1)
            .map(|p| p.split('=').next().unwrap())
            .collect();
        assert_eq!(keys, ["line", "title"], "{line}");
        assert!(data.starts_with("GPU 0 ran out of memory"), "{line}");
    }
}

#[test]
fn no_output_lets_a_log_give_a_command() {
    let folder = tempfile::tempdir().unwrap();
    for payload in PAYLOADS {
        fs::write(folder.path().join("ci.log"), log(payload)).unwrap();
        let brief = run_all(folder.path(), &["ci.log"]);
        // A person's report leaves most of the log out, unless all is asked for.
        let all = run(folder.path(), "terminal", &["--verbose", "ci.log"]);
        for (output, run) in brief.iter().chain(&[("terminal", all)]) {
            check_output(output, run, payload);
        }
    }
}

/// No output of a run over the log of one payload may do anything.
fn check_output(output: &str, run: &Run, payload: &str) {
    assert_eq!(run.code, Some(1), "{payload:?} as {output}");
    for text in [&run.out, &run.err, &run.page] {
        assert_eq!(executable(text), None, "{payload:?} as {output}:\n{text}");
    }
    if output == "github" {
        check_github(&run.out);
        assert!(run.page.contains("## GPU 0 ran out of memory"));
        check_markdown(&run.page);
    } else {
        assert_eq!(commands(&run.out), [""; 0], "{payload:?} as {output}");
    }
    assert_eq!(commands(&run.err), [""; 0]);
    match output {
        "markdown" => check_markdown(&run.out),
        "html" => check_html(&run.out),
        "json" | "sarif" | "gitlab" => {
            drop(serde_json::from_str::<Value>(&run.out).unwrap());
        }
        "ndjson" => drop(serde_json::from_str::<Value>(run.out.trim()).unwrap()),
        "junit" => {
            let report = quick_junit::Report::deserialize_from_str(&run.out).unwrap();
            assert_eq!((report.tests, report.failures), (1, 1), "{}", run.out);
        }
        _ => {}
    }
}

#[test]
fn text_of_the_log_does_reach_every_output_so_that_the_search_means_something() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ci.log"), log("planted_by_somebody")).unwrap();
    // They write stacks of memory snapshots and changes of source files, and a log has none.
    for output in ALL
        .iter()
        .filter(|output| !["folded", "patch"].contains(&output.name))
    {
        let run = run(folder.path(), output.name, &["ci.log"]);
        let told = run.out.contains("planted_by_somebody");
        assert!(told, "{}:\n{}", output.name, run.out);
    }
}

#[test]
#[cfg(unix)]
fn the_name_of_a_log_gives_no_command_either() {
    let folder = tempfile::tempdir().unwrap();
    for payload in PAYLOADS.iter().filter(|p| !p.contains('/')) {
        let name = format!("./{payload}.log");
        fs::write(folder.path().join(&name), log("main")).unwrap();
        for (output, run) in run_all(folder.path(), &["./missing", &name]) {
            for text in [&run.out, &run.err, &run.page] {
                assert_eq!(executable(text), None, "{payload:?} as {output}:\n{text}");
            }
            let ours = [
                "::stop-commands::whyoom-",
                "::whyoom-",
                "::error file=",
                "::warning title=whyoom::",
            ];
            for line in commands(&run.out) {
                let known = output == "github" && ours.iter().any(|start| line.starts_with(start));
                assert!(known, "{payload:?} as {output}: {line}");
            }
        }
    }
}

/// A program with this input; its streams, once it ended.
fn piped(folder: &Path, arguments: &[&str], input: &str) -> (String, String) {
    let mut command = process::command(arguments);
    command.current_dir(folder).env("PATH", "/usr/bin:/bin");
    let run = process::finish(command, input.as_bytes());
    (run.out, run.err)
}

#[test]
fn records_give_no_command_whatever_stands_in_or_beside_their_log() {
    let folder = tempfile::tempdir().unwrap();
    for payload in PAYLOADS {
        let beside = serde_json::json!({"text": log(payload), "source": payload, "repo": payload, (*payload): {"a": [payload]}});
        let missing = serde_json::json!({"path": format!("missing{payload}"), "repo": payload});
        let input = format!("{beside}\n{missing}\n{payload}\n");
        let (out, err) = piped(folder.path(), &["--records"], &input);
        for text in [&out, &err] {
            assert_eq!(executable(text), None, "{payload:?}:\n{text}");
            assert_eq!(commands(text), [""; 0], "{payload:?}");
        }
        let first: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        assert_eq!(
            first["repo"], *payload,
            "what was beside the log comes back"
        );
    }
}

#[test]
#[cfg(unix)]
fn what_a_run_reports_and_keeps_gives_no_command() {
    let folder = tempfile::tempdir().unwrap();
    for payload in PAYLOADS {
        fs::write(folder.path().join("ci.log"), log(payload)).unwrap();
        // The program's own output passes as it is, so it must not be on the stream that is searched.
        let arguments = [
            "run",
            "--save",
            "kept",
            "--probe-file",
            "gpus.json",
            "--",
            "cat",
            "ci.log",
        ];
        let gpus = serde_json::json!({"source": "nvml", "gpus": [{"index": 0, "name": payload, "uuid": payload, "bus": payload,
            "memory": {"total": 9, "used": 8, "free": 1, "by": payload}, "notes": [payload], "processes": [{"pid": 4242,
            "bytes": 8, "kinds": ["compute"], "state": "running", "user": payload, "command": payload, "unit": payload}]}]});
        fs::write(folder.path().join("gpus.json"), gpus.to_string()).unwrap();
        let (_, err) = piped(folder.path(), &arguments, "");
        let kept = |name: &str| fs::read_to_string(folder.path().join("kept").join(name)).unwrap();
        assert!(err.contains("GPU 0 ran out of memory"), "{err}");
        let live = ["live", "--probe-file", "gpus.json"];
        let (table, _) = piped(folder.path(), &live, "");
        let (json, _) = piped(folder.path(), &[&live[..], &["-f", "json"]].concat(), "");
        for text in [
            &err,
            &kept("report.txt"),
            &kept("report.json"),
            &kept("samples.jsonl"),
            &table,
            &json,
        ] {
            assert_eq!(executable(text), None, "{payload:?}:\n{text}");
            assert_eq!(commands(text), [""; 0], "{payload:?}");
        }
        let page = [&live[1..], &["--live", "--format", "markdown", "ci.log"]].concat();
        let (page, _) = piped(folder.path(), &page, "");
        assert!(page.contains("Now, on this machine"), "{page}");
        check_markdown(&page);
    }
}

//! Settings from files, and records, as a process.

use std::fs;
use std::path::Path;

use crate::process::{Run, command, finish};
use serde_json::{Value, json};
use tempfile::TempDir;

const BAD: &str = "Traceback (most recent call last):\n  File \"/opt/conda/envs/ours/step.py\", line 8, in main\n    \
    y = model(x)\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of \
    139.80 GiB of which 16.25 GiB is free. Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the \
    allocated memory 61.51 GiB is allocated by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated.\n";

/// Runs in `project/inner` below the folder; the user's settings are in `user`.
fn run(folder: &TempDir, arguments: &[&str], input: &str) -> Run {
    let mut command = command(arguments);
    command
        .current_dir(folder.path().join("project/inner"))
        .env("XDG_CONFIG_HOME", folder.path().join("user"));
    finish(command, input.as_bytes())
}

fn folder(project: &str, user: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("project/inner")).unwrap();
    fs::create_dir_all(folder.path().join("user/whyoom")).unwrap();
    put(folder.path(), "project/whyoom.toml", project);
    put(folder.path(), "user/whyoom/config.toml", user);
    folder
}

fn put(folder: &Path, name: &str, content: &str) {
    fs::write(folder.join(name), content).unwrap();
}

#[test]
fn a_flag_wins_over_the_project_and_the_project_over_the_user() {
    let folder = folder(
        "fixes = 1\nexit-zero = true\n",
        "fixes = 2\nformat = \"json\"\n",
    );
    let fixes = |arguments: &[&str]| {
        let run = run(&folder, arguments, BAD);
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.json()["incidents"][0]["fixes"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(fixes(&[]), 1);
    assert_eq!(fixes(&["--fixes", "0"]), 0);
    let plain = run(&folder, &["--no-config"], BAD);
    assert_eq!(plain.code, Some(1));
    assert!(
        plain.out.starts_with("GPU 0 ran out of memory"),
        "{}",
        plain.out
    );
    put(folder.path(), "other.toml", "format = \"json\"\n");
    let other = run(&folder, &["--config", "../../other.toml"], BAD);
    assert_eq!(other.code, Some(1));
    assert!(
        other.json()["incidents"][0]["fixes"]
            .as_array()
            .unwrap()
            .len()
            > 1
    );
}

#[test]
fn a_list_in_a_file_gives_way_to_the_flag_as_a_whole() {
    let folder = folder("fail-on = [\"leak\", \"exhaustion\"]\nquiet = true\n", "");
    assert_eq!(run(&folder, &[], BAD).code, Some(0));
    assert_eq!(
        run(&folder, &["--fail-on", "fragmentation"], BAD).code,
        Some(1)
    );
}

#[test]
fn what_means_nothing_is_an_error_with_the_nearest_name() {
    for (settings, told) in [
        (
            "fail-onn = \"any\"\n",
            "unknown key `fail-onn`; did you mean `fail-on`?",
        ),
        ("format = \"jsn\"\n", "key `format`: "),
        ("quiet = \"yes\"\n", "key `quiet`: true or false"),
        ("fixes = true\n", "key `fixes`: "),
        ("x = \n", "line 1: "),
        ("[explain]\nwidht = 80\n", "did you mean `width`?"),
        ("[[prefix]]\npattern = \"(\"\n", "key `prefix[1].pattern`: "),
        ("[[prefix]]\npatern = \"x\"\n", "did you mean `pattern`?"),
        (
            "[[telemetry]]\npattern = \"held (?<value>[0-9]+)\"\ncounter = \"al\"\n",
            "key `telemetry[1].counter`: ",
        ),
        ("user-paths = \"x\"\n", "key `user-paths`: "),
    ] {
        let run = run(&folder(settings, ""), &[], BAD);
        assert_eq!(run.code, Some(2), "{settings}");
        assert!(
            run.err.contains("whyoom.toml: ") && run.err.contains(told),
            "{settings}: {}",
            run.err
        );
    }
}

#[test]
fn looks_hold_for_every_command_and_other_keys_for_their_own() {
    let folder = folder("ascii = true\nformat = \"json\"\n", "");
    let demo = run(&folder, &["demo"], "");
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    assert!(demo.out.is_ascii(), "{}", demo.out);
}

#[test]
fn the_users_own_patterns_are_read() {
    let settings = r#"
user-paths = ["envs/ours/"]
[[prefix]]
pattern = '^<<worker (?<rank>\d+)>> '
[[telemetry]]
pattern = 'it (?<step>\d+) tensors take (?<value>[\d.]+) (?<unit>\w+)'
counter = "allocated"
"#;
    let readings: Vec<String> = (1..6)
        .map(|i| format!("it {i} tensors take {i}.00 GiB\n"))
        .collect();
    let log = format!("\n{}{}", readings.concat(), BAD.trim_end());
    let log = log.replace('\n', "\n<<worker 3>> ");
    let report = run(&folder(settings, ""), &["-f", "json"], &log).json();
    let incident = &report["incidents"][0];
    assert_eq!(incident["rank"], 3);
    assert_eq!(incident["frame"]["file"], "/opt/conda/envs/ours/step.py");
    assert_eq!(report["telemetry"][0]["counter"], "allocated");
    assert_eq!(report["telemetry"][0]["points"], 5);
    let plain = run(&folder("", ""), &["-f", "json"], &log).json();
    assert_eq!(plain["incidents"][0]["frame"], Value::Null);
}

#[test]
fn each_record_is_answered_in_order_with_what_stands_beside_its_log() {
    let folder = folder("", "");
    put(folder.path(), "bad.log", BAD);
    let path = folder.path().join("bad.log");
    let input = format!(
        "{}\n{}\n\nno json\n{}\n",
        json!({"source": "a", "text": BAD, "day": "2026-05-01"}),
        json!({"path": path}),
        json!({"source": "b", "text": "all well"})
    );
    let run = run(&folder, &["--records"], &input);
    assert_eq!(run.code, Some(3), "{}", run.err);
    let lines: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [first, second, wrong, well] = lines.as_slice() else {
        panic!("{}", run.out);
    };
    assert_eq!(
        (&first["source"], &first["day"]),
        (&json!("a"), &json!("2026-05-01"))
    );
    assert_eq!(first["incidents"][0]["causes"][0]["cause"], "fragmentation");
    assert_eq!(second["source"], json!(path));
    assert_eq!(second["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(wrong["complete"], false);
    assert!(wrong["problem"].as_str().unwrap().contains("line 4"));
    assert_eq!(
        (&well["source"], &well["incidents"]),
        (&json!("b"), &json!([]))
    );
}

#[test]
fn records_end_as_every_run_ends() {
    let folder = folder("", "");
    let bad = json!({"text": BAD}).to_string();
    let well = json!({"text": "all well"}).to_string();
    assert_eq!(run(&folder, &["--records"], &well).code, Some(0));
    assert_eq!(run(&folder, &["--records"], &bad).code, Some(1));
    assert_eq!(
        run(&folder, &["--records", "--exit-zero"], &bad).code,
        Some(0)
    );
    assert_eq!(
        run(&folder, &["--records", "-f", "json"], &bad).code,
        Some(2)
    );
}

#[test]
fn a_settings_file_is_checked_before_it_is_used() {
    let folder = folder("fixes = 1\n[[prefix]]\npattern = '^x '\n", "ascii = true\n");
    let fine = run(&folder, &["check-config"], "");
    assert_eq!(fine.code, Some(0), "{}", fine.err);
    let lines: Vec<&str> = fine.out.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].ends_with("whyoom.toml: 2 keys, all understood"),
        "{lines:?}"
    );
    assert!(
        lines[1].ends_with("config.toml: 1 key, all understood"),
        "{lines:?}"
    );
    for (text, says) in [
        ("fixs = 1\n", "did you mean `fixes`?"),
        (
            "fixes = \"many\"\n",
            "key `fixes`: `many`: a whole number is meant",
        ),
        (
            "fail-on = \"devise\"\n",
            "`devise` is none; did you mean `device`?",
        ),
        (
            "format = [\"pdf-file\"]\n",
            "`pdf-file` is none of terminal, json",
        ),
        (
            "[[prefix]]\npattern = '(?<rnk>1)'\n",
            "did you mean `rank`?",
        ),
        (
            "[[telemetry]]\npattern = 'mem (?<value>1)'\ncounter = \"alocated\"\n",
            "did you mean `allocated`?",
        ),
        ("[[prefix]]\npattern = '('\n", "key `prefix[1].pattern`"),
        ("x = \n", "line 1"),
    ] {
        put(folder.path(), "project/inner/other.toml", text);
        let wrong = run(&folder, &["check-config", "other.toml"], "");
        assert_eq!(wrong.code, Some(2), "{text}: {}", wrong.out);
        assert!(
            wrong.err.contains("other.toml") && wrong.err.contains(says),
            "{text}: {}",
            wrong.err
        );
    }
    let none = run(&folder, &["check-config", "missing.toml"], "");
    assert_eq!(none.code, Some(2));
}

#[test]
fn all_that_is_wrong_in_a_settings_file_is_named_at_once_each_with_its_line() {
    let folder = folder("", "");
    let text = "fixs = 1\nfail-on = \"devise\"\n[[prefix]]\npattern = '('\n[[prefix]]\npattern = '^x '\n[[message]]\nid = \"A B\"\n\
        literals = [\"AcmePool\"]\n[[message]]\nid = \"fine\"\nliterals = [\"AcmePool\"]\n[[message]]\nid = \"c\"\n\
        literals = [\"AcmePool\"]\npattern = 'asked (?<asked>.*)'\n[run]\nsav = \"x\"\n";
    put(folder.path(), "project/inner/other.toml", text);
    let wrong = run(&folder, &["check-config", "other.toml"], "");
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(2), ""));
    let mut said: Vec<&str> = wrong.err.lines().collect();
    said.sort_unstable();
    let starts = [
        "line 16: key `message[3].pattern`: a group `asked` means nothing; these do: requested, gpu",
        "line 18: unknown key `sav`; did you mean `save`?",
        "line 1: unknown key `fixs`; did you mean `fixes`?",
        "line 2: key `fail-on`: `devise` is none",
        "line 4: key `prefix[1].pattern`: unclosed group",
        "line 8: key `message[1].id`: only small letters",
    ];
    assert_eq!(said.len(), starts.len(), "{}", wrong.err);
    for start in starts {
        let named = said
            .iter()
            .any(|line| line.starts_with(&format!("whyoom: other.toml: {start}")));
        assert!(named, "{start}: {}", wrong.err);
    }
}

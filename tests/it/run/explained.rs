//! What the wrapper says of a failure, keeps of it, and tries against it.

use std::fs;

use serde_json::Value;

use super::{fixture, log, output, text, whyoom};

#[test]
fn the_report_follows_the_programs_own_output_on_standard_error() {
    let case = log("h200-swiss-cheese");
    let output = output(&[], &format!("echo before; cat {case} >&2; exit 1"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "before\n");
    let said = text(&output.stderr);
    let own = fs::read_to_string(&case).unwrap();
    let report = said.strip_prefix(&own).unwrap();
    assert!(report.starts_with("\nGPU 0 ran out of memory"), "{report}");
    assert!(report.contains("Fragmentation"), "{report}");
}

#[test]
fn the_gpu_is_watched_and_all_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let case = log("h200-other-process");
    let recording = fixture("nvml/two-holders.json").display().to_string();
    let flags = ["--save", kept.to_str().unwrap(), "--probe-file", &recording];
    let output = output(&flags, &format!("sleep 0.3; cat {case}; exit 1"));
    let said = text(&output.stderr);
    assert!(said.contains("GPU 0 while it ran"), "{said}");
    assert!(
        said.contains("Process 461 (70.4 GiB) was there before"),
        "{said}"
    );
    let read = |name: &str| fs::read_to_string(kept.join(name)).unwrap();
    assert_eq!(read("output.log"), fs::read_to_string(&case).unwrap());
    let report: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(
        report.pointer("/incidents/0/causes/0/cause").unwrap(),
        "contention"
    );
    assert!(said.contains(read("report.txt").trim()), "{said}");
    // What was read of the GPUs can be looked at again.
    let samples = kept.join("samples.jsonl");
    let shown = whyoom()
        .args(["live", "--probe-file"])
        .arg(samples)
        .output()
        .unwrap();
    assert!(text(&shown.stdout).contains("90.9 GiB used"));
}

#[test]
fn lines_of_two_streams_do_not_run_into_one_another() {
    let case = log("h200-swiss-cheese");
    let script =
        format!("printf 'progress: '; sleep 0.1; cat {case} >&2; sleep 0.1; echo 5; exit 1");
    let said = text(&output(&[], &script).stderr);
    assert!(said.contains("\nFragmentation, possible:"), "{said}");
}

#[test]
fn a_fix_that_is_a_variable_is_tried_and_what_happened_is_said() {
    let case = log("h200-swiss-cheese");
    let script = format!(
        "[ -n \"$PYTORCH_CUDA_ALLOC_CONF\" ] && {{ echo ok; exit 0; }}; cat {case}; exit 1"
    );
    let with = output(&["--retry-with-fix", "1"], &script);
    assert_eq!(with.status.code(), Some(0));
    let said = text(&with.stderr);
    let setting = "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True";
    assert!(
        said.contains(&format!("running it again with {setting}")),
        "{said}"
    );
    assert!(
        said.contains(&format!("with {setting} it ended well")),
        "{said}"
    );
    let without = output(&[], &script);
    assert_eq!(without.status.code(), Some(1));
}

#[test]
fn a_fix_that_does_not_help_is_said_not_to() {
    let case = log("h200-swiss-cheese");
    let output = output(&["--retry-with-fix", "1"], &format!("cat {case}; exit 3"));
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("memory ran out again (fragmentation)"));
}

#[test]
fn a_failure_without_such_a_fix_is_not_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let script = format!(
        "echo run >> {}; echo no memory message; exit 1",
        count.display()
    );
    output(&["--retry-with-fix", "3"], &script);
    assert_eq!(fs::read_to_string(count).unwrap(), "run\n");
}

#[test]
fn the_gpus_as_they_were_last_seen_join_the_report() {
    let case = log("h200-other-process");
    let recording = fixture("nvml/one-full-one-idle.json").display().to_string();
    let flags = ["--probe-file", recording.as_str()];
    let output = output(&flags, &format!("sleep 0.2; cat {case}; exit 1"));
    let said = text(&output.stderr);
    assert!(said.contains("Now, on this machine"), "{said}");
    assert!(said.contains("CUDA_VISIBLE_DEVICES=1"), "{said}");
    assert!(
        said.contains("GPU 1 has 140 GiB free: CUDA_VISIBLE_DEVICES=1."),
        "{said}"
    );
}

#[test]
fn a_gpu_with_room_is_tried_where_that_is_a_variable() {
    let case = log("h200-other-process");
    let recording = fixture("nvml/one-full-one-idle.json").display().to_string();
    let flags = ["--retry-with-fix", "1", "--probe-file", &recording];
    let script = format!("[ \"$CUDA_VISIBLE_DEVICES\" = 1 ] && exit 0; cat {case}; exit 1");
    let output = output(&flags, &script);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("with CUDA_VISIBLE_DEVICES=1 it ended well"),
        "{said}"
    );
}

#[test]
fn a_gpu_that_the_program_was_not_given_is_named_and_not_taken() {
    let case = log("h200-other-process");
    let recording = fixture("nvml/one-full-one-idle.json").display().to_string();
    let flags = ["--retry-with-fix", "1", "--probe-file", &recording];
    let script = format!("echo run; cat {case}; exit 1");
    let mut command = super::run(&flags, &script);
    let output = command.env("CUDA_VISIBLE_DEVICES", "0").output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(text(&output.stdout).matches("run\n").count(), 1, "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("take it only if it is yours"), "{said}");
    assert!(said.contains("not run again"), "{said}");
}

#[test]
fn where_the_gpus_cannot_be_watched_the_report_says_so_once() {
    let case = log("h200-swiss-cheese");
    let flags = ["--probe-file", "/no/such/recording"];
    let said = text(&output(&flags, &format!("cat {case}; exit 1")).stderr);
    assert_eq!(
        said.matches("The GPUs could not be watched: ").count(),
        1,
        "{said}"
    );
    let quiet = text(&output(&flags, "exit 1").stderr);
    assert_eq!(quiet, "");
}

#[test]
fn where_every_fix_is_a_change_of_the_code_the_first_is_named_instead_of_a_second_run() {
    for (name, change) in [
        (
            "h200-graph-private-pools",
            "with torch.cuda.graph(g, pool=first.pool())",
        ),
        ("h200-frag-mempool", "(share-graph-pool)"),
    ] {
        let case = log(name);
        let output = output(&["--retry-with-fix", "2"], &format!("cat {case}; exit 4"));
        assert_eq!(output.status.code(), Some(4));
        let said = text(&output.stderr);
        let words = "whyoom: not run again, since no environment variable cures this; change this by hand first (";
        let line = said.lines().find(|l| l.starts_with(words));
        assert!(line.is_some_and(|l| l.contains(change)), "{said}");
    }
}

#[test]
fn gpus_that_do_not_answer_hold_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let silent = folder.path().join("silent");
    let made = std::process::Command::new("mkfifo").arg(&silent).status();
    assert!(made.unwrap().success());
    let case = log("h200-swiss-cheese");
    let began = std::time::Instant::now();
    let flags = ["--probe-file", silent.to_str().unwrap()];
    let output = output(&flags, &format!("cat {case}; exit 3"));
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(
        said.contains("could not be watched: no answer within 10 s."),
        "{said}"
    );
    assert!(began.elapsed() < std::time::Duration::from_secs(30));
}

#[test]
fn of_readings_without_end_enough_are_read_and_the_failure_behind_them_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let case = log("h200-swiss-cheese");
    let flags = ["--save", kept.to_str().unwrap()];
    let script = format!(
        "awk 'BEGIN {{ for (n = 1; n <= 60000; n++) print \"step \" n \": allocated 20.00 GiB\" }}'; cat {case}; exit 1"
    );
    let output = output(&flags, &script);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    assert!(printed.contains("step 60000: allocated"));
    let read = |name: &str| fs::read_to_string(kept.join(name)).unwrap();
    assert_eq!(read("output.log"), printed);
    let report: Value = serde_json::from_str(&read("report.json")).unwrap();
    let points = report.pointer("/telemetry/0/points").unwrap();
    let points = points.as_u64().unwrap();
    assert!(points >= 20_000, "{points}");
    assert_eq!(
        report.pointer("/incidents/0/causes/0/cause").unwrap(),
        "fragmentation"
    );
}

/// What is said of a message, beside two strangers that hold 91 of 140 GiB.
fn beside_two_holders(message: &str) -> String {
    let recording = fixture("nvml/two-holders.json").display().to_string();
    let script = format!("sleep 0.3; {message}; exit 1");
    text(&output(&["--probe-file", &recording], &script).stderr)
}

#[test]
fn a_message_without_figures_is_judged_by_who_was_seen() {
    let said = beside_two_holders(&format!("cat {}", log("h200-numba-many-arrays")));
    assert!(said.contains("\nContention, possible:"), "{said}");
    assert!(said.contains("48.9 GiB of 140 GiB was free"), "{said}");
}

#[test]
fn cupys_request_is_held_against_the_device_that_was_seen() {
    let message = |tried: &str| {
        format!(
            "echo 'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating {tried} bytes (allocated so far: 2,640,384 bytes).'"
        )
    };
    let said = beside_two_holders(&message("193,600,000,000"));
    assert!(said.contains("\nOversized request, proven:"), "{said}");
    // A quarter of what was free for each piece.
    assert!(said.contains("cupy.array_split(x, 16)"), "{said}");
    let said = beside_two_holders(&message("64,000,000,000"));
    assert!(said.contains("\nContention, likely:"), "{said}");
}

//! Who held the device when memory ran out: the wrapper's own children with their real ids, in a recording that the script
//! writes itself.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{log, run, text};

const GIB: u64 = 1 << 30;

/// Shell functions: `holder NAME PID GIB [RANK]` and `moment FREE_GPUS HOLDERS...` print parts of a recording.
const RECORDING: &str = r#"
holder() { printf '{"pid":%s,"bytes":%s,"kinds":["compute"],"state":"running","command":"%s"%s}' "$2" "$(($3 * 1048576))" "$1" "${4:+,\"rank\":$4}"; }
gpu() { printf '{"index":%s,"name":"NVIDIA H200","memory":{"total":150109880320,"used":%s,"free":%s,"by":"x"},"processes":[%s]}' "$1" "$((150109880320 - $2 * 1048576))" "$(($2 * 1048576))" "$3"; }
moment() { printf '{"source":"nvml","gpus":[%s]}' "$1"; }
"#;

/// What the wrapper says and keeps of a script that writes its recording to `$PROBE`, a pipe that the wrapper waits for.
pub(super) struct Said {
    pub(super) stderr: String,
    report: Value,
    code: Option<i32>,
}

pub(super) fn explained(flags: &[&str], script: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("probe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let kept = folder.path().join("kept");
    let mut all = vec!["--probe-file", pipe.to_str().unwrap()];
    all.extend(["--save", kept.to_str().unwrap()]);
    all.extend(flags);
    let output = run(&all, &format!("{RECORDING}{script}"))
        .env("PROBE", &pipe)
        .env_remove("CUDA_VISIBLE_DEVICES")
        .output()
        .unwrap();
    let json = fs::read(kept.join("report.json")).unwrap();
    Said {
        stderr: text(&output.stderr),
        report: serde_json::from_slice(&json).unwrap(),
        code: output.status.code(),
    }
}

impl Said {
    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.report
            .pointer(&format!("/incidents/0{pointer}"))
            .unwrap_or(&Value::Null)
    }

    pub(super) fn first_fix(&self) -> (&str, &str) {
        let how = self.at("/fixes/0/how").as_str().unwrap();
        (self.at("/fixes/0/fix").as_str().unwrap(), how)
    }
}

/// A child of the program holds the card, and is ended before the message is printed, as `finally` does in Python.
fn child_that_is_ended_first(more_gpus: &str) -> String {
    format!(
        r#"sleep 30 & h=$!
        full=$(moment "$(gpu 0 100 "$(holder 'python holder.py' $h 143000)"){more_gpus}")
        {{ echo "$full$full$full"; moment "$(gpu 0 143100 ''){more_gpus}"; }} > $PROBE
        sleep 0.5; kill $h; echo "holder $h"; cat {} >&2; exit 1"#,
        log("h200-contention-full-card")
    )
}

#[test]
fn a_child_of_the_program_that_held_the_card_is_named_and_not_to_be_killed() {
    let said = explained(&[], &child_that_is_ended_first(""));
    assert_eq!(said.code, Some(1));
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "stop-other-process");
    assert!(how.starts_with("your own process "), "{how}");
    assert!(how.contains("holds 140 GiB: end it before"), "{how}");
    assert!(how.contains("python holder.py"), "{how}");
    assert!(!how.contains("kill"), "{how}");
    assert_eq!(said.at("/causes/0/cause"), "contention");
    assert_eq!(said.at("/causes/0/finding"), "other-process");
    assert_eq!(said.at("/live/at_failure/holders/0/kin"), "child");
    assert_eq!(said.at("/live/at_failure/holders/0/self"), false);
    assert_eq!(
        *said.at("/live/at_failure/still_there"),
        serde_json::json!([])
    );
    let table = "a child of your program  python holder.py\n  None of them holds it any more.";
    assert!(said.stderr.contains(table), "{}", said.stderr);
    assert!(!said.stderr.contains("To be sure"), "{}", said.stderr);
}

#[test]
fn another_gpu_is_offered_for_the_child_alone_and_never_tried_for_the_whole_program() {
    let idle = ",$(gpu 1 143100 '')";
    let said = explained(&["--retry-with-fix", "2"], &child_that_is_ended_first(idle));
    let (_, how) = said.first_fix();
    assert!(
        how.contains("on GPU 1 (140 GiB free): CUDA_VISIBLE_DEVICES=1"),
        "{how}"
    );
    let second = said.at("/fixes/1/how").as_str().unwrap();
    assert!(
        second.starts_with("CUDA_VISIBLE_DEVICES=1 for process "),
        "{second}"
    );
    assert!(
        second.contains(" alone\n# where your program starts it"),
        "{second}"
    );
    assert!(
        said.stderr
            .contains("not run again, since no environment variable cures this; change this by hand first (stop-other-process): your own process "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_child_that_outlives_the_program_can_be_ended_by_hand() {
    let script = format!(
        r#"sleep 30 & h=$!
        moment "$(gpu 0 100 "$(holder 'sleep 30' $h 143000)")" > $PROBE
        sleep 0.2; echo $h; cat {} >&2; exit 1"#,
        log("h200-contention-full-card")
    );
    let said = explained(&[], &script);
    let (_, how) = said.first_fix();
    let pid = said.at("/live/at_failure/still_there/0").as_u64().unwrap();
    assert!(how.ends_with(&format!("\nkill {pid}")), "{how}");
    let left = format!("Still there after the end of the program: {pid}.");
    assert!(said.stderr.contains(&left), "{}", said.stderr);
    let _ = Command::new("kill").arg(pid.to_string()).status();
}

/// Three holders beside the program itself; `$a` and `$b` and `$c` are their ids in the message, too.
fn three(a: &str, b: &str, c: &str) -> String {
    format!(
        r#"sleep 30 & one=$!; sleep 30 & two=$!; sleep 30 & three=$!; a={a}; b={b}; c={c}
        moment "$(gpu 0 100 "$(holder 'python load.py' $a 44900),$(holder 'python load.py' $b 39168),$(holder 'python serve.py' $c 34877),$(holder 'python train.py' $$ 24084)")" > $PROBE
        sleep 0.2; kill $one $two $three
        sed "s/Process 1101/Process $a/;s/Process 1102/Process $b/;s/Process 1103/Process $c/" {} >&2; exit 1"#,
        log("h200-contention-three-processes")
    )
}

#[test]
fn children_are_told_from_strangers_and_from_the_one_that_failed() {
    let said = explained(&[], &three("$one", "$two", "1"));
    let kin: Vec<&str> = (0..4)
        .map(|n| {
            said.at(&format!("/live/at_failure/holders/{n}/kin"))
                .as_str()
                .unwrap()
        })
        .collect();
    assert_eq!(kin, ["child", "child", "stranger", "program"]);
    assert_eq!(said.at("/live/at_failure/holders/3/self"), true);
    assert!(
        said.stderr.contains("the one that failed"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("somebody else's "), "{}", said.stderr);
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "stop-other-process");
    assert!(
        how.starts_with("2 of your own processes hold 82.1 GiB"),
        "{how}"
    );
    assert_eq!(said.at("/fixes/0/enough"), "yes");
    // What the children held they will hold again: the program needs all of it.
    assert!(said.at("/live/need").as_u64().unwrap() > 100 * GIB);
}

#[test]
fn strangers_are_shown_as_before() {
    let said = explained(&[], &three("1", "2", "3"));
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "stop-other-process");
    assert!(how.starts_with("kill 1 2 3\n# 1: python load.py"), "{how}");
    assert!(!said.stderr.contains("a child of"), "{}", said.stderr);
}

#[test]
fn a_stranger_that_has_gone_since_leaves_nothing_to_stop() {
    let script = format!(
        r#"full=$(moment "$(gpu 0 100 "$(holder 'python serve.py' 1 143000)")")
        {{ echo "$full$full$full"; moment "$(gpu 0 143100 '')"; }} > $PROBE
        sleep 0.6; cat {} >&2; exit 1"#,
        log("h200-contention-full-card")
    );
    let said = explained(&[], &script);
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "run-it-again");
    assert!(
        how.starts_with("run it again: process 1 has ended since"),
        "{how}"
    );
}

#[test]
fn a_library_that_gets_nothing_beside_a_child_is_contention() {
    let script = format!(
        r#"sleep 30 & h=$!
        moment "$(gpu 0 10 "$(holder 'python holder.py' $h 142500),$(holder 'python train.py' $$ 520)")" > $PROBE
        sleep 0.2; kill $h; cat {} >&2; exit 1"#,
        log("h200-contention-cublas-handle")
    );
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/cause"), "contention");
    assert_eq!(said.at("/causes/1/finding"), "library-starved");
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "stop-other-process");
    assert!(how.starts_with("your own process "), "{how}");
}

#[test]
fn ranks_of_one_launcher_on_one_gpu_are_proven_by_what_was_seen() {
    let script = format!(
        r#"sleep 30 & a=$!; sleep 30 & b=$!
        moment "$(gpu 0 100 "$(holder 'python x.py' $a 90000 0),$(holder 'python x.py' $b 53000 1)")" > $PROBE
        sleep 0.2; kill $a $b; cat {} >&2; exit 1"#,
        log("h200-contention-cublas-handle")
    );
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/finding"), "ranks-on-one-gpu");
    assert_eq!(said.first_fix().0, "set-device-by-local-rank");
    assert!(
        said.stderr.contains("a child of your program, rank 1"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_pool_that_refuses_what_the_driver_has_is_at_its_own_limit() {
    let script = format!(
        r#"full=$(moment "$(gpu 0 100000 "$(holder 'python solve.py' $$ 43000)")")
        echo "$full$full$full" > $PROBE; sleep 0.5; cat {} >&2; exit 1"#,
        log("jax-no-figures")
    );
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/finding"), "framework-pool-limit");
    assert_eq!(said.at("/causes/0/confidence"), "likely");
    let because = said.at("/causes/0/because").as_str().unwrap();
    assert!(
        because.contains("97.7 GiB of its 140 GiB was free"),
        "{because}"
    );
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "raise-memory-cap");
    assert!(how.starts_with("XLA_PYTHON_CLIENT_MEM_FRACTION="), "{how}");
}

#[test]
fn a_process_whose_parent_has_ended_is_still_the_programs() {
    let script = format!(
        r#"h=$(sh -c 'sleep 30 >/dev/null 2>&1 & echo $!')
        moment "$(gpu 0 100 "$(holder 'sleep 30' $h 143000)")" > $PROBE
        sleep 0.2; kill $h; cat {} >&2; exit 1"#,
        log("h200-contention-full-card")
    );
    let said = explained(&[], &script);
    assert_eq!(said.at("/live/at_failure/holders/0/kin"), "child");
}

#[test]
fn what_the_same_script_started_beside_the_program_is_somebody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, kept) = (folder.path().join("probe"), folder.path().join("kept"));
    let inner = format!(
        r#"{RECORDING} sleep 0.4; moment "$(gpu 0 100 "$(holder 'python b.py' $(cat {0}/pid) 143000)")" > $PROBE
        sleep 0.2; cat {1} >&2; exit 1"#,
        folder.path().display(),
        log("h200-contention-full-card")
    );
    let script = format!(
        r#"mkfifo {0}; {1} run --probe-file {0} --save {2} -- sh -c "$INNER" & run=$!
        sleep 0.1; sleep 30 & echo $! > {3}/pid; wait $run; kill $!"#,
        pipe.display(),
        env!("CARGO_BIN_EXE_whyoom"),
        kept.display(),
        folder.path().display()
    );
    let done = Command::new("sh")
        .args(["-c", &script])
        .env("INNER", inner)
        .env("PROBE", &pipe)
        .env_remove("CUDA_VISIBLE_DEVICES")
        .output()
        .unwrap();
    let json = fs::read(kept.join("report.json")).unwrap_or_default();
    let report: Value = serde_json::from_slice(&json).unwrap_or_default();
    let kin = report.pointer("/incidents/0/live/at_failure/holders/0/kin");
    assert_eq!(
        kin,
        Some(&Value::from("stranger")),
        "{}",
        text(&done.stderr)
    );
}

#[test]
fn a_child_with_the_share_of_jax_is_tried_without_it() {
    let case = log("h200-contention-jax-worker");
    let script = format!(
        r#"[ "$XLA_PYTHON_CLIENT_PREALLOCATE" = false ] && {{ moment "$(gpu 0 143100 '')" > $PROBE; exit 0; }}
        sleep 30 & h=$!
        moment "$(gpu 0 190 "$(holder 'python -c worker' $h 107919),$(holder 'python train.py' $$ 35031)")" > $PROBE
        sleep 0.2; kill $h; sed "s/Process 937/Process $h/" {case} >&2; exit 1"#
    );
    let said = explained(&["--retry-with-fix", "1"], &script);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert_eq!(said.first_fix().0, "stop-other-process");
    let words = "with XLA_PYTHON_CLIENT_PREALLOCATE=false it ended well";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}

#[test]
fn a_gpu_that_the_program_was_not_given_is_offered_with_a_word_of_care() {
    let idle = ",$(gpu 1 143100 '')";
    let folder = tempfile::tempdir().unwrap();
    let (pipe, kept) = (folder.path().join("probe"), folder.path().join("kept"));
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let flags = [
        "--probe-file",
        pipe.to_str().unwrap(),
        "--save",
        kept.to_str().unwrap(),
    ];
    let script = format!("{RECORDING}{}", child_that_is_ended_first(idle));
    let mut command = run(&flags, &script);
    let said = command
        .env("PROBE", &pipe)
        .env("CUDA_VISIBLE_DEVICES", "0")
        .output();
    let said = text(&said.unwrap().stderr);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("if it is yours to use: the program's own list does not show it"),
        "{said}"
    );
}

//! What holds for cleaning as a whole.

use proptest::prelude::*;

use super::prefixes::ALL;
use super::*;

/// A log with all that a prefix could be taken for, and with what must survive one.
const LOG: &str = "\
[105/2572] step done
Traceback (most recent call last):
  File \"/home/user/train.py\", line 12, in main
    loss.backward()
    ~~~~~~~~~~~~~^^

torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
| ID | GPU | MEM |
0, 81559 MiB, 12 MiB
{'loss': 2.0}
";

fn texts(raw: &str) -> Vec<String> {
    clean(raw.as_bytes(), 1)
        .into_iter()
        .map(|l| l.text)
        .collect()
}

#[test]
fn every_prefix_leaves_the_log_as_it_was_and_tells_its_labels() {
    for prefix in ALL {
        for (example, rank, lane) in prefix.examples {
            let raw: String = LOG.lines().flat_map(|l| [example, l, "\n"]).collect();
            let lines = clean(raw.as_bytes(), 1);
            for (line, (text, number)) in lines.iter().zip(LOG.lines().zip(1..)) {
                assert_eq!(line.text, text, "{} {example:?}", prefix.id);
                assert_eq!(
                    (line.rank, line.lane.as_str()),
                    (*rank, *lane),
                    "{example:?}"
                );
                assert_eq!(line.number, number);
            }
            assert_eq!(lines.len(), LOG.lines().count(), "{example:?}");
        }
    }
}

/// A line of a traceback behind what each system, collector and logger writes before it.
const SYSTEMS: &[(&str, &str)] = &[
    (
        "GitHub Actions",
        "2026-01-02T03:04:05.1234567Z   File \"a.py\", line 1",
    ),
    (
        "GitHub's archive",
        "train\tRun\t2026-01-02T03:04:05.1234567Z   File \"a.py\", line 1",
    ),
    (
        "GitLab",
        "2026-01-02T03:04:05.678901Z 01E   File \"a.py\", line 1",
    ),
    (
        "Jenkins",
        "[2026-01-02T03:04:05.678Z]   File \"a.py\", line 1",
    ),
    ("Jenkins with clocks", "03:04:05    File \"a.py\", line 1"),
    (
        "Buildkite",
        "\u{1b}_bk;t=1767322800123\u{7}  File \"a.py\", line 1",
    ),
    ("CircleCI", "\u{1b}[0m  File \"a.py\", line 1\r"),
    (
        "Azure",
        "2026-01-02T03:04:05.1234567Z ##[error]  File \"a.py\", line 1",
    ),
    (
        "kubectl",
        "[pod/train-0/main] 2026-01-02T03:04:05.678901234Z   File \"a.py\", line 1",
    ),
    (
        "containerd",
        "2026-01-02T03:04:05.678901234Z stderr F   File \"a.py\", line 1",
    ),
    (
        "Docker",
        "{\"log\":\"  File \\\"a.py\\\", line 1\\n\",\"stream\":\"stderr\"}",
    ),
    (
        "journald",
        "Jan 02 03:04:05 node7 train[4242]:   File \"a.py\", line 1",
    ),
    (
        "syslog",
        "2026-01-02T03:04:05+01:00 node7 train[4242]:   File \"a.py\", line 1",
    ),
    (
        "Python's logging",
        "2026-01-02 03:04:05,678 - trainer - ERROR -   File \"a.py\", line 1",
    ),
    (
        "loguru",
        "2026-01-02 03:04:05.678 | ERROR    | trainer:main:87 -   File \"a.py\", line 1",
    ),
    (
        "absl",
        "E0102 03:04:05.678901 140 trainer.py:87]   File \"a.py\", line 1",
    ),
    ("llama.cpp", "0.05.364.763 E   File \"a.py\", line 1"),
    (
        "glog",
        "E20260102 03:04:05.678901  4242 trainer.cc:87]   File \"a.py\", line 1",
    ),
];

#[test]
fn a_line_of_every_system_comes_out_as_the_program_wrote_it() {
    for (who, raw) in SYSTEMS {
        assert_eq!(texts(raw), ["  File \"a.py\", line 1"], "{who}");
    }
    // Of these, only the other lines tell.
    for (who, prefix) in [("docker compose", "trainer-1  | "), ("Slurm", "0: ")] {
        let raw = format!("{prefix}  File \"a.py\", line 1\n").repeat(4);
        assert_eq!(texts(&raw), ["  File \"a.py\", line 1"; 4], "{who}");
    }
}

#[test]
fn prefixes_stack_and_the_innermost_rank_counts() {
    let lines = clean(
        b"2026-01-02T03:04:05.1234567Z [default1]:[rank9]:[W812 16:00:28.643448608 a.cpp:3] text",
        7,
    );
    assert_eq!(
        lines,
        [Line {
            number: 7,
            text: "text".to_owned(),
            rank: Some(9),
            lane: String::new(),
            ..Line::default()
        }]
    );
    let lines = clean(
        b"\x1b[36m(EngineCore_DP0 pid=387)\x1b[0;0m ERROR 04-01 23:46:56 [core.py:396]   File",
        1,
    );
    assert_eq!(
        (lines[0].text.as_str(), lines[0].lane.as_str()),
        ("  File", "EngineCore_DP0 pid=387")
    );
}

#[test]
fn text_that_looks_a_little_like_a_prefix_stays() {
    for text in [
        "[epoch3]: loss 2.0",
        "0: first of a list",
        "(see the docs) text",
        "(pid=) text",
        "ERROR: CUDA out of memory",
        "INFO text",
        "[1/9] building",
        "[GPU 0] text",
        "2026-01-02, 12, 34",
        "12:30 text",
        "encoder | 3.2 M",
        "[rank0",
        "W0502",
        "2.00 GiB",
    ] {
        assert_eq!(texts(text), [text]);
    }
}

#[test]
fn a_numbered_list_is_no_habit_and_ranks_are() {
    let list: Vec<String> = (0..9).map(|n| format!("{n}: text")).collect();
    assert!(
        clean(list.join("\n").as_bytes(), 1)
            .iter()
            .all(|l| l.rank.is_none())
    );
    let ranks: Vec<String> = (0..9).map(|n| format!("{}: text", n % 3)).collect();
    let lanes = lanes(clean(ranks.join("\n").as_bytes(), 1));
    assert_eq!(
        lanes
            .iter()
            .map(|l| (l.rank, l.lines.len()))
            .collect::<Vec<_>>(),
        [(Some(0), 3), (Some(1), 3), (Some(2), 3)]
    );
}

#[test]
fn a_record_of_docker_is_unwrapped_and_cleaned_again() {
    let raw = r#"{"log":"\u001b[36m[rank2]:\u001b[0m   File \"a.py\"\n","stream":"stderr","time":"2026-01-02T03:04:05Z"}"#;
    let lines = clean(raw.as_bytes(), 1);
    assert_eq!(
        (lines[0].text.as_str(), lines[0].rank),
        ("  File \"a.py\"", Some(2))
    );
}

#[test]
fn the_marker_of_a_gitlab_section_goes_and_its_header_stays() {
    assert_eq!(
        texts(
            "\u{1b}[0Ksection_start:1700000000:step[collapsed=true]\r\u{1b}[0KHeader\n\u{1b}[0Ksection_end:1700000000:step\r\u{1b}[0K\n"
        ),
        ["Header", ""]
    );
}

#[test]
fn a_message_behind_a_bar_on_the_same_raw_line_has_its_number() {
    let lines = clean(
        b"a\n[rank1]: 10%|#| 1/9\rTraceback (most recent call last):\r 20%|##| 2/9\n",
        5,
    );
    let seen: Vec<_> = lines
        .iter()
        .map(|l| (l.number, l.rank, l.text.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (5, None, "a"),
            (6, Some(1), "Traceback (most recent call last):"),
            (6, Some(1), " 20%|##| 2/9")
        ]
    );
}

#[test]
fn utf8_marks_and_no_break_spaces_do_not_hide_a_frame() {
    assert_eq!(texts("\u{feff}\u{a0}\u{a0}File \"x\""), ["  File \"x\""]);
}

#[test]
fn a_line_of_nothing_but_prefixes_and_returns_stays_small() {
    let raw = "[pod/a/b] ".repeat(5_000) + &"x\ry\r".repeat(5_000);
    let lines = clean(raw.as_bytes(), 1);
    assert!(lines.iter().all(|l| l.lane.len() < 600));
    let raw = b"\x9d".repeat(200_000);
    assert_eq!(clean(&raw, 1).len(), 1);
}

/// Bytes from which prefixes, escapes and redrawn lines come together often.
fn noisy() -> impl Strategy<Value = Vec<u8>> {
    let examples: Vec<Vec<u8>> = ALL
        .iter()
        .flat_map(|p| p.examples)
        .map(|(text, ..)| text.as_bytes().to_vec())
        .collect();
    let part = prop_oneof![
        proptest::sample::select(examples),
        proptest::sample::select(vec![
            &b"\x1b["[..],
            b"[0m",
            b"[31",
            b"m",
            b"\r",
            b"\n",
            b"\r\n",
            b"\x08",
            b"\x9b",
            b"\x1b]",
            b"\x07",
            b"{\"log\":\"",
            b"\\r",
            b"\"}",
            b"0: ",
            b"10%|",
            b"text",
            b" ",
            b"\xc2\xa0",
            b"\xff",
        ])
        .prop_map(<[u8]>::to_vec),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_what_is_clean_changes_nothing(raw in noisy()) {
        let once: Vec<String> = clean(&raw, 1).into_iter().map(|l| l.text).collect();
        let joined: String = once.iter().flat_map(|t| [t.as_str(), "\n"]).collect();
        prop_assert_eq!(texts(&joined), once);
    }

    #[test]
    fn line_ends_of_either_kind_are_the_same(lines in proptest::collection::vec("[ -~]{0,40}", 0..12)) {
        prop_assert_eq!(texts(&lines.join("\r\n")), texts(&lines.join("\n")));
    }

    #[test]
    fn numbers_never_go_back_and_never_pass_the_input(raw in noisy()) {
        let lines = clean(&raw, 1);
        prop_assert!(lines.is_sorted_by_key(|l| l.number));
        let ends = raw.split(|b| *b == b'\n').count() as u64;
        prop_assert!(lines.iter().all(|l| l.number >= 1 && l.number <= ends));
    }
}

//! What is known of a shape against what is read.

use proptest::prelude::*;

use super::*;

/// Cleans lines one after the other; returns how many of them were known. What is known must be what is read.
fn known(lines: &[String]) -> usize {
    let mut known = 0;
    for raw in lines {
        let mut read = Vec::new();
        let whole = width(&read_line(
            raw.as_bytes(),
            7,
            (&[], Drawn::Shown),
            &mut read,
        ));
        if let Some((one, wide)) = line(raw.as_bytes(), 7) {
            assert_eq!((vec![one], wide), (read, whole), "{raw}");
            known += 1;
        }
    }
    known
}

fn lines(line: impl Fn(u64) -> String) -> Vec<String> {
    (100..200).map(line).collect()
}

#[test]
fn a_line_of_a_known_shape_is_not_cleaned_again() {
    for (least, lines) in [
        (98, lines(|n| format!("2026-11-20T12:00:00.{n}Z step {n}"))),
        (
            90,
            lines(|n| format!("[rank{}]:   File \"a.py\", line {n}", n % 8)),
        ),
        (98, lines(|n| format!("{n}% |##|\r{n}% |###| {n}\r"))),
        (
            98,
            lines(|n| format!("ERROR 01-01 10:08:00 engine.py:{n}] é {n}")),
        ),
    ] {
        assert!(known(&lines) >= least, "{lines:?}");
    }
}

#[test]
fn what_is_taken_out_of_a_text_is_taken_out_every_time() {
    for lines in [
        lines(|n| format!("\x1b[31m{n}\x1b[0m words")),
        lines(|n| {
            format!(
                "{{\"log\":\"line {n}\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05Z\"}}"
            )
        }),
        lines(|n| format!("loading {n}\rTraceback {n}")),
        lines(|n| format!("(fit pid={n}) words")),
    ] {
        assert_eq!(known(&lines), 0, "{lines:?}");
    }
}

#[test]
fn a_reader_is_asked_once_for_a_shape() {
    let mut by_shape = ByShape::default();
    let asked = std::cell::Cell::new(0);
    for n in 1000..1100 {
        let raw = format!("2026-11-20T12:00:00Z a shape of its own {n}");
        let Some((one, _)) = line(raw.as_bytes(), n) else {
            continue;
        };
        let told = by_shape.of(&one, |text| {
            asked.set(asked.get() + 1);
            text.contains("shape")
        });
        assert!(told);
    }
    assert_eq!(asked.get(), 2);
}

proptest! {
    #[test]
    fn what_is_known_is_what_is_read(
        prefix in prop::sample::select(
            crate::text::prefixes::ALL.iter().flat_map(|p| p.examples).map(|(prefix, ..)| *prefix).collect::<Vec<_>>()
        ),
        inner in prop::sample::select(
            crate::text::prefixes::ALL.iter().flat_map(|p| p.examples).map(|(prefix, ..)| *prefix).collect::<Vec<_>>()
        ),
        text in "( |[0-9]{1,4}|step [0-9]{1,3}/[0-9]{1,3}|\r|é|Error|%\\||\x1b\\[3[0-9]m|:|\\[[0-9]\\]){0,6}",
        fills in prop::collection::vec(any::<u64>(), 12),
    ) {
        let shape = format!("{prefix}{inner}{text}");
        known(&filled(&shape, &fills));
    }
}

//! What is known of a shape against what is read.

use proptest::prelude::*;

use super::*;
use crate::text::shapes::filled;

/// Feeds lines; returns how many of them were known. What is known must be what is read.
fn known(lines: &[String]) -> usize {
    let mut shapes = Shapes::default();
    let mut known = 0;
    for line in lines {
        let read = Reads::of(line.as_bytes());
        if let Some((_, said)) = shapes.read(line.as_bytes()) {
            assert_eq!(Some(said), read.as_ref(), "{line}");
            known += 1;
        }
    }
    known
}

fn lines(count: u64, line: impl Fn(u64) -> String) -> Vec<String> {
    (0..count).map(line).collect()
}

#[test]
fn a_line_of_a_known_shape_is_not_read_again() {
    let steps = lines(100, |n| {
        format!(
            "2026-11-20T12:00:{:02}.123Z step {}/10000 | mem allocated {}.{:02} GB reserved 66.{:02} GB | 12{:03} tok/s",
            n % 60,
            1000 + n,
            20 + n % 40,
            n,
            (n + 7) % 100,
            n
        )
    });
    assert!(known(&steps) >= 90);
    let ranks = lines(100, |n| {
        format!(
            "[rank{}]: step {} memory: {}.5 GiB",
            n % 8,
            100 + n,
            20 + n % 40
        )
    });
    assert!(known(&ranks) >= 80);
}

#[test]
fn where_a_digit_decides_the_line_is_read_every_time() {
    // Behind 16 MiB a bare number is a count of bytes.
    let bytes = lines(40, |n| {
        format!("memory allocated {}", 10_000_000 + n * 1_000_000)
    });
    assert_eq!(known(&bytes), 0);
    // The second number may be a device, if it is small.
    let device = lines(40, |n| format!("gpu {} memory 5.25 GiB", 1000 + n * 7));
    assert_eq!(known(&device), 0);
    // `nvidia-smi dmon` says with its head what the rows are.
    let rows = lines(40, |n| format!("    {}   1234     56  mem 3.5 GB", n % 10));
    known(&rows);
}

#[test]
fn lines_that_say_nothing_are_not_tried_for_ever() {
    let silent = lines(40, |n| format!("memory of {n} things"));
    assert_eq!(known(&silent), 0);
}

proptest! {
    #[test]
    fn what_is_known_is_what_is_read(
        shape in "(step |epoch |\\[rank|gpu |cuda:|it |)[0-9]{1,4}(\\]: |/99 |: | \\| )(mem|memory|allocated|peak|reserved|free|cpu)( |: |=|_gb: )[0-9]{1,9}(\\.[0-9]{1,2})?( GB|GiB| MiB|/80 GB|)( reserved [0-9]{1,2}\\.[0-9] GB)?( used| free|)\r?",
        fills in prop::collection::vec(any::<u64>(), 24),
    ) {
        known(&filled(&shape, &fills));
    }
}

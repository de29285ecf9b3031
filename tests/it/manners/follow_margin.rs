//! `--follow` with `--margin`: readings that come too close to the size of the card.

use std::sync::Arc;
use std::time::Duration;

use super::follow::{append, follow};
use super::{put, until};

#[test]
fn a_margin_is_said_as_soon_as_it_is_not_kept_and_fails_the_run_where_it_counts() {
    let readings = |sizes: &[&str]| {
        let line = |size: &&str| format!("step 1 memory allocated: {size} GiB\n");
        sizes.iter().map(line).collect::<String>()
    };
    let card = "CUDA:0 (NVIDIA RTX 4090, 24217MiB)\n";
    for (flags, code) in [(&["--fail-on", "any,margin"][..], 1), (&[][..], 0)] {
        let folder = tempfile::tempdir().unwrap();
        let log = put(
            folder.path(),
            "a.log",
            &format!("{card}{}", readings(&["12.00"])),
        );
        let following = follow(&[&["--margin", "5", &log], flags].concat());
        append(&log, &readings(&["21.00", "23.00"]));
        following.until_it_says("Close to full: allocated reached 23 GiB");
        append(&log, &readings(&["23.10"]));
        let err = Arc::clone(&following.err);
        assert_eq!(following.end(), code);
        until("the sum", || err.lock().unwrap().contains("0 failures"));
        assert_eq!(err.lock().unwrap().matches("Close to full").count(), 1);
    }
}

#[test]
fn a_margin_without_the_size_of_the_card_is_said_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let following = follow(&["--margin", "5", &log]);
    append(
        &log,
        "step 1 memory allocated: 21.00 GiB\nstep 2 memory allocated: 22.00 GiB\n",
    );
    let err = Arc::clone(&following.err);
    // Time to read it.
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(following.end(), 0);
    until("the words", || err.lock().unwrap().contains("give --total"));
}

#[test]
fn a_margin_that_counts_and_nobody_can_tell_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let log = put(folder.path(), "a.log", "");
    let following = follow(&["--margin", "5", "--fail-on", "any,margin", &log]);
    append(
        &log,
        "step 1 memory allocated: 21.00 GiB\nstep 2 memory allocated: 22.00 GiB\n",
    );
    // Time to read it.
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(following.end(), 3);
}

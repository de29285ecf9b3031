//! `whyoom explain` with words of which no page is called so: settings, flags, phrases, whole messages.

use crate::process::{Run, command, finish};

fn run(arguments: &[&str], input: &[u8]) -> Run {
    finish(command(arguments), input)
}

#[test]
fn a_setting_is_found_with_dashes_and_with_underscores() {
    for (typed, speaks) in [
        ("max_num_seqs", "`lower-batch-size`"),
        ("max-num-seqs", "`lower-batch-size`"),
        ("enforce_eager", "`no-graphs`"),
        ("gpu-memory-utilization", "share of the GPU"),
    ] {
        let page = run(&["explain", typed], b"");
        assert!(page.out.contains(speaks), "{typed}: {}", page.out);
    }
    // One page that speaks of it is shown.
    for typed in ["garbage_collection_threshold", "load_in_4bit"] {
        let page = run(&["explain", "--", typed], b"");
        let first = format!("This page speaks of `{typed}`.");
        assert!(page.out.starts_with(&first), "{typed}: {}", page.out);
    }
    let flag = run(&["explain", "--", "--lowvram"], b"");
    assert_eq!(flag.out, run(&["explain", "images"], b"").out);
}

#[test]
fn a_whole_message_leads_to_a_page_and_no_length_of_it_takes_long() {
    let message = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB";
    let page = run(&["explain", message], b"");
    assert!(page.out.contains("`oom`"), "{}", page.out);
    let long = "/long".repeat(1000);
    assert_eq!(run(&["explain", &long], b"").code, Some(2));
}

#[test]
fn pages_that_speak_of_a_word_have_it_at_the_beginning_of_a_word_or_have_all_words() {
    let meters = run(&["explain", "meters"], b"");
    assert_eq!(
        meters.code,
        Some(2),
        "\"parameters\" is no mention: {}",
        meters.out
    );
    let both = run(&["explain", "workers", "pinned"], b"");
    assert!(both.out.contains("These speak of it"), "{}", both.out);
}

//! The decision, row by row: figures that obey the allocator's identities, and the cause that follows from them.
//!
//! Sizes are in MiB unless a row says otherwise; `0` stands for "not printed".

mod figures;
mod one_request;
mod sizes_of_inputs;

use figures::Figures;
use whyoom::diagnose;

/// The cause, finding and confidence of the first verdict.
fn verdict(text: &str) -> (String, String, String) {
    let diagnosis = diagnose("t", text.as_bytes());
    let [explained] = diagnosis.incidents.as_slice() else {
        panic!("{} incidents in {text}", diagnosis.incidents.len())
    };
    let best = &explained.causes[0];
    (
        best.finding.cause.name().into(),
        best.finding.id.name().into(),
        best.verdict.confidence.name().into(),
    )
}

fn expect(text: &str, cause: &str, confidence: &str) {
    let (said, finding, sure) = verdict(text);
    assert_eq!(
        (said.as_str(), sure.as_str()),
        (cause, confidence),
        "{finding} for {text}"
    );
}

const CARD: u64 = 80_992;

// Figures prove that a request did not fit. That the program's work is too large, and that nothing leaks, they do not prove:
// by figures alone exhaustion is likely at the most (`fixtures/fleet`).

#[test]
fn a_full_card_with_little_idle_is_exhaustion() {
    let figures = Figures {
        tried: 2048,
        total: CARD,
        free: 512,
        allocated: 79_000,
        idle: 300,
        own: 80_480,
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
    expect(&figures.parenthesis(), "exhaustion", "likely");
}

#[test]
fn the_last_straw_on_a_card_full_of_tensors_is_exhaustion_though_a_little_idles() {
    let figures = Figures {
        tried: 20,
        total: CARD,
        free: 9,
        allocated: 78_300,
        idle: 900,
        own: 80_983,
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
}

#[test]
fn idle_memory_that_would_have_been_enough_is_no_proof_of_fragmentation() {
    let figures = Figures {
        tried: 9000,
        total: CARD,
        free: 1000,
        allocated: 50_000,
        idle: 29_000,
        own: 79_992,
        ..Figures::default()
    };
    for text in [figures.sentence(), figures.parenthesis()] {
        // Of eight measured failures like this, growing segments made one pass.
        expect(&text, "exhaustion", "possible");
        let diagnosis = diagnose("t", text.as_bytes());
        let causes = diagnosis.incidents[0].causes.iter();
        let mut causes = causes.filter(|c| c.finding.id.name() == "split-segments");
        let other = causes.next().unwrap();
        assert_eq!(other.verdict.confidence.name(), "possible");
        assert!(
            other.verdict.because.contains("Together that is enough."),
            "the sum is stated all the same: {}",
            other.verdict.because
        );
    }
}

#[test]
fn a_request_as_large_as_all_that_idles_on_a_card_with_room_is_fragmentation() {
    let figures = Figures {
        tried: 16_000,
        total: CARD,
        free: 14_000,
        allocated: 50_000,
        idle: 15_500,
        own: 66_992,
        ..Figures::default()
    };
    // Three of three: too few to call it likely.
    expect(&figures.sentence(), "fragmentation", "possible");
    expect(&figures.parenthesis(), "fragmentation", "possible");
}

#[test]
fn reserved_far_above_allocated_is_no_fragmentation_when_together_it_is_too_little() {
    let figures = Figures {
        tried: 40_000,
        total: CARD,
        free: 1000,
        allocated: 50_000,
        idle: 29_000,
        own: 79_992,
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
}

#[test]
fn a_rival_that_holds_the_card_is_contention() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 100,
        allocated: 9000,
        idle: 60,
        own: 9600,
        others: &[(77, 71_292)],
        ..Figures::default()
    };
    expect(&figures.sentence(), "contention", "proven");
}

#[test]
fn a_rival_of_a_few_percent_is_not_why_the_card_is_full() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 100,
        allocated: 78_000,
        idle: 60,
        own: 79_092,
        others: &[(77, 1000)],
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
}

#[test]
fn the_process_itself_under_the_hosts_number_is_no_rival() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 100,
        allocated: 79_500,
        idle: 60,
        others: &[(77, 80_892)],
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
    let diagnosis = diagnose("t", figures.sentence().as_bytes());
    assert!(diagnosis.incidents[0].incident.processes[0].own);
}

#[test]
fn ids_side_by_side_in_a_log_with_ranks_are_ranks_on_one_device() {
    let others: &[(u32, u64)] = &[(5001, 26_000), (5002, 26_000)];
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 100,
        allocated: 26_000,
        idle: 60,
        own: 28_892,
        others,
        ..Figures::default()
    };
    let ranked = format!("[rank0]: {}", figures.sentence());
    assert_eq!(verdict(&ranked).1, "ranks-on-one-gpu");
    assert_eq!(verdict(&figures.sentence()).1, "other-process");
}

#[test]
fn memory_that_nobody_names_and_no_context_explains_is_likely_contention() {
    let figures = Figures {
        tried: 512,
        total: 11_000,
        free: 100,
        allocated: 1000,
        idle: 60,
        ..Figures::default()
    };
    expect(&figures.parenthesis(), "contention", "likely");
}

#[test]
fn a_part_of_a_message_that_lacks_the_request_tells_a_full_card_from_one_with_room() {
    let parts = |figures: Figures| {
        let behind = |text: String, mark: &str| {
            let (_, part) = text.split_once(mark).unwrap();
            format!("{mark}{part}")
        };
        [
            behind(figures.sentence(), "GPU 0 has"),
            behind(figures.parenthesis(), "(GPU"),
        ]
    };
    let rest = |allocated, idle, free| Figures {
        total: 16_000,
        allocated,
        idle,
        free,
        ..Figures::default()
    };
    for part in parts(rest(80, 6, 4)) {
        expect(&part, "contention", "likely");
    }
    for part in parts(rest(15_000, 200, 100)) {
        expect(&part, "exhaustion", "likely");
    }
    // Much lies idle: what was asked for would tell.
    for part in parts(rest(9000, 6000, 100)) {
        assert_eq!(verdict(&part).0, "unknown", "{part}");
    }
    // Much is free, and less than was asked for.
    for part in parts(rest(9000, 100, 6000)) {
        expect(&part, "exhaustion", "possible");
    }
}

#[test]
fn a_limit_below_the_device_is_a_cap() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 40_000,
        allocated: 39_900,
        idle: 60,
        own: 40_500,
        limit: 40_000,
        ..Figures::default()
    };
    expect(&figures.sentence(), "cap", "proven");
    expect(&figures.parenthesis(), "cap", "proven");
}

#[test]
fn a_limit_equal_to_the_device_is_none() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 100,
        allocated: 79_900,
        idle: 60,
        own: 80_892,
        limit: CARD,
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
}

#[test]
fn a_request_larger_than_the_device_is_oversized_whatever_idles() {
    let figures = Figures {
        tried: 90_000,
        total: CARD,
        free: 60_000,
        allocated: 9000,
        idle: 11_000,
        own: 20_500,
        ..Figures::default()
    };
    assert_eq!(
        verdict(&figures.sentence()),
        (
            "oversized".into(),
            "larger-than-device".into(),
            "proven".into()
        )
    );
}

#[test]
fn a_request_of_many_devices_is_a_wrong_shape() {
    let figures = Figures {
        tried: CARD * 100,
        total: CARD,
        free: 60_000,
        allocated: 9000,
        idle: 11_000,
        own: 20_500,
        ..Figures::default()
    };
    assert_eq!(verdict(&figures.sentence()).1, "shape-bug");
    assert_eq!(
        verdict("RuntimeError: CUDA out of memory. Tried to allocate more than 1EB memory.").1,
        "shape-bug"
    );
}

#[test]
fn more_free_than_asked_for_is_no_question_of_capacity() {
    let figures = Figures {
        tried: 512,
        total: CARD,
        free: 60_000,
        allocated: 19_000,
        idle: 11,
        own: 20_500,
        ..Figures::default()
    };
    assert_eq!(
        verdict(&figures.sentence()),
        ("unknown".into(), "free-but-refused".into(), "likely".into())
    );
}

#[test]
fn a_hidden_fraction_of_2_1_to_2_4_is_found_by_its_round_share() {
    let text = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacty of 24.00 GiB \
        of which 10.80 GiB is free. Including non-PyTorch memory, this process has 12.70 GiB memory in use. Of the allocated memory \
        11.90 GiB is allocated by PyTorch, and 92.00 MiB is reserved by PyTorch but unallocated.";
    assert_eq!(
        verdict(text),
        ("cap".into(), "memory-fraction".into(), "likely".into())
    );
}

#[test]
fn more_held_than_the_device_has_is_exhaustion_with_paging() {
    let figures = Figures {
        tried: 2160,
        total: 8192,
        free: 0,
        allocated: 20_000,
        idle: 2400,
        ..Figures::default()
    };
    expect(&figures.parenthesis(), "exhaustion", "proven");
}

#[test]
fn private_pools_that_hold_enough_are_fragmentation_by_pools() {
    let figures = Figures {
        tried: 20_000,
        total: CARD,
        free: 5000,
        allocated: 75_000,
        idle: 4,
        own: 75_992,
        private: 70_000,
        ..Figures::default()
    };
    assert_eq!(
        verdict(&figures.sentence()),
        (
            "fragmentation".into(),
            "private-pools".into(),
            "likely".into()
        )
    );
}

#[test]
fn a_cut_message_is_unknown_and_names_what_would_settle_it() {
    let diagnosis = diagnose(
        "t",
        b"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 312.00 MiB. GPU ",
    );
    let best = &diagnosis.incidents[0].causes[0];
    assert_eq!(best.finding.id.name(), "no-figures");
    assert!(best.verdict.settle.is_some());
}

#[test]
fn equal_digits_prove_nothing() {
    // Free and tried print alike: whether the request was larger is not known.
    let figures = Figures {
        tried: 2048,
        total: CARD,
        free: 2048,
        allocated: 78_000,
        idle: 100,
        own: 78_900,
        ..Figures::default()
    };
    assert_ne!(verdict(&figures.sentence()).2, "proven");
}

//! Small files that stand for much: what is named often is counted once, and nothing is copied without end.

use whyoom::{Diagnosis, diagnose};

/// So often is something named. Work of the square of it would not end on any machine.
const OFTEN: usize = 200_000;

fn text(words: &str) -> Vec<u8> {
    [
        &[0x8c, u8::try_from(words.len()).unwrap()],
        words.as_bytes(),
    ]
    .concat()
}

/// A dictionary of these keys and instructions, memoized under this number.
fn dictionary(memo: u8, items: &[(&str, &[u8])]) -> Vec<u8> {
    let items = items
        .iter()
        .map(|(key, value)| [&text(key), *value].concat());
    let items: Vec<u8> = items.collect::<Vec<_>>().concat();
    [&[b'}', b'q', memo, b'('][..], &items, b"u"].concat()
}

/// A list of this, memoized under this number.
fn list(memo: u8, items: &[&[u8]]) -> Vec<u8> {
    [&[b']', b'q', memo, b'('][..], &items.concat(), b"e"].concat()
}

/// Gets from the memo, that often.
fn again(memo: u8) -> Vec<u8> {
    [b'h', memo].repeat(OFTEN)
}

/// The report of a snapshot of these segments and traces.
fn read(segments: &[u8], traces: &[u8]) -> Diagnosis {
    let whole = dictionary(0, &[("segments", segments), ("device_traces", traces)]);
    let raw = [b"\x80\x04", whole.as_slice(), b"."].concat();
    let diagnosis = diagnose("a.pickle", &raw);
    assert!(diagnosis.complete, "{:?}", diagnosis.problem);
    diagnosis
}

fn event(frames: &[u8]) -> Vec<u8> {
    let action = text("alloc");
    dictionary(
        1,
        &[
            ("action", &action),
            ("addr", b"K\x00"),
            ("size", b"M\x00\x02"),
            ("frames", frames),
        ],
    )
}

fn segment(memo: u8, blocks: &[u8]) -> Vec<u8> {
    let size = b"J\x00\x00\x20\x00";
    dictionary(
        memo,
        &[
            ("device", b"K\x00"),
            ("address", b"K\x00"),
            ("total_size", size),
            ("blocks", blocks),
        ],
    )
}

fn block() -> Vec<u8> {
    let state = text("active_allocated");
    dictionary(2, &[("size", b"J\x00\x00\x20\x00"), ("state", &state)])
}

#[test]
fn an_event_that_is_listed_often_and_a_list_for_many_gpus_are_read_once() {
    let events = list(3, &[&event(b"N"), &again(1)]);
    let diagnosis = read(b"]", &list(4, &[&events, &again(3)]));
    assert_eq!(
        diagnosis
            .all_holdings()
            .map(|held| held.events)
            .sum::<u64>(),
        1
    );
}

#[test]
fn a_segment_that_is_listed_often_is_read_once() {
    let blocks = list(5, &[&block(), &again(2)]);
    let diagnosis = read(&list(6, &[&segment(7, &blocks), &again(7)]), b"]");
    assert_eq!(diagnosis.holdings[0].reserved, 2 << 20);
    assert_eq!(diagnosis.holdings[0].allocated, 2 << 20);
}

#[test]
fn blocks_are_of_one_segment() {
    let blocks = list(5, &[&block().repeat(OFTEN / 100)]);
    let others = segment(8, b"h\x05").repeat(OFTEN / 10);
    let diagnosis = read(&list(6, &[&segment(7, &blocks), &others]), b"]");
    assert_eq!(diagnosis.holdings.len(), 1);
}

#[test]
fn a_stack_that_grows_frame_by_frame_is_not_copied_each_time() {
    let frame = dictionary(
        9,
        &[
            ("name", &text("f")),
            ("filename", &text("a.py")),
            ("line", b"K\x01"),
        ],
    );
    let frames = [&list(10, &[&frame])[..], &b"(h\x09e".repeat(OFTEN)].concat();
    let diagnosis = read(b"]", &list(4, &[&list(3, &[&event(&frames)])]));
    assert_eq!(diagnosis.holdings[0].events, 1);
}

#[test]
fn long_names_in_deep_stacks_are_written_in_part() {
    let long = "x".repeat(60_000);
    let name = [b"X\x60\xea\x00\x00", long.as_bytes()].concat();
    let frame = dictionary(
        9,
        &[("name", &name), ("filename", &name), ("line", b"K\x01")],
    );
    let frames = list(10, &[&frame, &again(9)]);
    let blocks = list(5, &[&block()]);
    let segments = list(6, &[&segment(7, &blocks)]);
    let diagnosis = read(&segments, &list(4, &[&list(3, &[&event(&frames)])]));
    let held = diagnosis.all_holdings().next().unwrap();
    assert!(
        held.stacks
            .iter()
            .map(|stack| stack.frames.len())
            .sum::<usize>()
            < 1 << 20
    );
}

#[test]
fn numbers_that_are_memoized_without_end_and_copies_of_one_value_end_with_the_file() {
    for instructions in [
        b"N\x94".repeat(OFTEN),
        b"N2".repeat(OFTEN),
        b"](".repeat(900),
        b"K\x01K\x02\x86".repeat(OFTEN),
    ] {
        let raw = [
            b"\x80\x04}(",
            text("segments").as_slice(),
            b"]",
            &text("x"),
            &instructions,
        ]
        .concat();
        let diagnosis = diagnose("a.pickle", &raw);
        assert!(!diagnosis.complete);
    }
}

#[test]
fn sizes_beyond_all_numbers_make_no_sum_overflow() {
    let state = text("active_allocated");
    let huge = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
    let block = dictionary(
        2,
        &[("size", huge), ("requested_size", huge), ("state", &state)],
    );
    let of = |memo, address: &[u8]| {
        let blocks = list(5, &[&block]);
        let size: &[u8] = huge;
        dictionary(
            memo,
            &[
                ("device", b"K\x00"),
                ("address", address),
                ("total_size", size),
                ("blocks", &blocks),
            ],
        )
    };
    let [one, two, three] =
        [&b"K\x00"[..], b"J\x00\x00\x00\x01", b"J\x00\x00\x00\x02"].map(|at| of(7, at));
    let oom = text("oom");
    let event = dictionary(
        1,
        &[("action", &oom), ("device_free", huge), ("size", huge)],
    );
    let diagnosis = read(
        &list(6, &[&one, &two, &three]),
        &list(4, &[&list(3, &[&event])]),
    );
    assert!(diagnosis.all_holdings().all(|held| held.reserved > 1 << 60));
    for output in whyoom::report::ALL {
        let mut out = Vec::new();
        (output.write)(
            std::slice::from_ref(&diagnosis),
            &whyoom::report::Options::default(),
            &mut out,
        )
        .unwrap();
    }
}

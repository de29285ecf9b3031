//! What holds for every input: no panic, no hang, the same answer twice, and lines that exist.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::cases::{self, Case};
use crate::known::ALONE;
use proptest::prelude::*;
use serde_json::Value;

/// Far above what any of these inputs takes, and far below what a person waits.
const HANG: Duration = Duration::from_secs(120);
/// A log is cut at so many places, spread over its length, and the next log at others.
const CUTS: usize = 8;
/// Of one example every place of so many is a cut, of the next example the places beside them: messages share their words.
const APART: usize = 4;

/// Tables are cut at every byte of their first and their last part.
const LONGEST: usize = 1000;

/// Diagnoses and checks what must hold of every report.
fn sound(raw: &[u8]) -> Value {
    let diagnosis = cases::read(raw);
    let text = cases::text(&diagnosis);
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
    let report = cases::report(&diagnosis);
    let lines = 1 + u64::try_from(memchr::memchr_iter(b'\n', raw).count()).unwrap();
    assert_eq!(report["inputs"][0]["bytes"], raw.len());
    for incident in report["incidents"].as_array().unwrap() {
        let line = incident["line"].as_u64().unwrap();
        assert!((1..=lines).contains(&line), "line {line} of {lines}");
        for (key, fact) in incident["facts"].as_object().unwrap() {
            assert!(
                fact["low"].as_u64() <= fact["high"].as_u64(),
                "{key}: {fact}"
            );
            let line = fact["line"].as_u64().unwrap();
            assert!((1..=lines).contains(&line), "{key}: line {line} of {lines}");
        }
    }
    report
}

/// The bytes of every case, so that strategies can pick pieces.
static CORPUS: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| Case::all().into_iter().map(|case| case.log).collect());

#[test]
fn a_message_cut_at_any_byte_is_read_as_far_as_it_goes() {
    // Many messages begin alike: the same text is read once.
    let mut known = HashSet::new();
    let examples = whyoom::catalogue::messages()
        .iter()
        .flat_map(|f| f.examples());
    for (number, example) in examples.enumerate() {
        let started = Instant::now();
        let text = example.0.as_bytes();
        // Each place once, where the first and the last part meet.
        let first = LONGEST.min(text.len());
        let last = text.len().saturating_sub(LONGEST).max(first);
        let places = (0..first).chain(last..=text.len());
        for end in places.filter(|end| end % APART == number % APART) {
            if known.insert(&text[..end]) {
                sound(&text[..end]);
            }
        }
        assert!(started.elapsed() < HANG, "{} takes too long", example.0);
    }
}

#[test]
fn a_log_cut_at_any_byte_is_read_as_far_as_it_goes() {
    for (number, case) in Case::all().into_iter().enumerate() {
        let step = case.log.len() / CUTS + 1;
        let started = Instant::now();
        for end in (number % step..case.log.len()).step_by(step) {
            sound(&case.log[..end]);
        }
        assert!(started.elapsed() < HANG, "{} takes too long", case.name);
    }
}

#[test]
fn a_log_without_its_head_is_read_from_where_it_begins() {
    for (number, case) in Case::all().into_iter().enumerate() {
        let step = case.log.len() / CUTS * 2 + 1;
        for start in (number % step..case.log.len()).step_by(step) {
            sound(&case.log[start..]);
        }
    }
}

#[test]
fn two_runs_over_one_log_say_the_same() {
    for (case, before) in ALONE.iter() {
        let [once, again] = [before, &cases::read(&case.log)]
            .map(|diagnosis| (cases::json(diagnosis), cases::text(diagnosis)));
        assert_eq!(once, again, "{}", case.folder.display());
    }
}

#[test]
fn what_a_growing_log_tells_is_what_it_tells_at_its_end() {
    let lines =
        |log: whyoom::Log| -> Vec<u64> { log.incidents.iter().map(|i| i.place.line).collect() };
    for (case, whole) in ALONE.iter() {
        let mut reader = whyoom::Reader::new("log.txt");
        for part in case.log.split_inclusive(|b| *b == b'\n') {
            reader.push(part);
            reader.look();
        }
        reader.settle();
        let news = reader.news().map(|news| lines(news.log));
        let end = lines(reader.whole());
        assert_eq!(news.unwrap_or_default(), end, "{}", case.name);
        let whole: Vec<u64> = whole
            .incidents
            .iter()
            .map(|e| e.incident.place.line)
            .collect();
        assert_eq!(end, whole, "{}", case.name);
    }
}

#[test]
fn a_number_beyond_every_integer_is_no_panic() {
    let nines = "9".repeat(400);
    for number in [
        "0",
        "18446744073709551615",
        "18446744073709551616",
        "-2",
        "1e308",
        "NaN",
        &nines,
        "00000000000000.00",
        "17179869184.00",
    ] {
        for unit in ["bytes", "KiB", "MiB", "GiB", "GB", "PiB"] {
            let size = format!("{number} {unit}");
            sound(format!("CUDA out of memory. Tried to allocate 1.20 GiB. GPU 0 has a total capacity of 23.99 GiB of which 910.56 MiB is free. Process 4 has {size} memory in use. Of the allocated memory 22.40 GiB is allocated by PyTorch, and 410.40 MiB is reserved by PyTorch but unallocated.").as_bytes());
            sound(format!("CUDA out of memory. Tried to allocate 1.20 GiB. GPU 0 has a total capacity of 23.99 GiB of which 910.56 MiB is free. Process 4 has 22.0 GiB memory in use. Of the allocated memory {size} is allocated by PyTorch, and 410.40 MiB is reserved by PyTorch but unallocated.").as_bytes());
            sound(format!("CUDA out of memory. Tried to allocate {size}. GPU {number} has a total capacity of {size} of which {size} is free. Process {number} has {size} memory in use. Of the allocated memory {size} is allocated by PyTorch, and {size} is reserved by PyTorch but unallocated.").as_bytes());
        }
        sound(format!("RuntimeError: CUDA out of memory. Tried to allocate {number} MiB (GPU {number}; {number} GiB total capacity; {number} GiB already allocated; {number} GiB free; {number} GiB cached)").as_bytes());
        sound(
            format!(
                "OrderedDict({{'allocated_bytes.all.current': {number}, 'num_ooms': {number}}})"
            )
            .as_bytes(),
        );
        sound(
            format!("step {number} allocated {number} GiB\n")
                .repeat(9)
                .as_bytes(),
        );
    }
}

#[test]
fn a_line_of_ten_million_bytes_neither_hangs_nor_hides_the_message() {
    let message = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.00 GiB is free.";
    let filler = "x".repeat(5_000_000);
    let started = Instant::now();
    sound("x".repeat(10_000_000).as_bytes());
    sound(message.repeat(9000).as_bytes());
    sound("[".repeat(10_000_000).as_bytes());
    sound(&vec![b'\n'; 10_000_000]);
    sound(&vec![b'\r'; 10_000_000]);
    let report = sound(format!("{filler}\n{message}\n{filler}").as_bytes());
    assert_eq!(report["incidents"][0]["facts"]["tried"]["text"], "2.00 GiB");
    assert!(started.elapsed() < HANG, "took {:?}", started.elapsed());
}

#[test]
fn a_figure_too_long_to_keep_hides_no_failure() {
    let digits = "9".repeat(12 << 20);
    for head in ["", "RuntimeError: ", "[rank1]: "] {
        let text = format!("{head}CUDA out of memory. Tried to allocate {digits} GiB\n");
        let report = sound(text.as_bytes());
        assert_eq!(report["incidents"][0]["line"], 1, "{head}");
    }
}

#[test]
fn json_in_json_in_json_is_read_or_left() {
    let mut text = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.00 GiB is free.\n".to_owned();
    for _ in 0..9 {
        text = serde_json::json!({ "log": text }).to_string();
        sound(text.as_bytes());
    }
    sound("{\"a\":".repeat(100_000).as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_no_panic(raw in proptest::collection::vec(any::<u8>(), 0..4000)) {
        sound(&raw);
    }

    #[test]
    fn pieces_of_logs_in_any_order_are_no_panic(
        pieces in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1usize..900), 1..9)
    ) {
        let corpus = &*CORPUS;
        let mut raw = Vec::new();
        for (which, start, length) in pieces {
            let log = &corpus[which.index(corpus.len())];
            let start = start.index(log.len() + 1);
            raw.extend(log.iter().skip(start).take(length));
        }
        sound(&raw);
    }

    #[test]
    fn a_changed_byte_is_no_panic(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let corpus = &*CORPUS;
        let mut raw = corpus[which.index(corpus.len())].clone();
        if !raw.is_empty() {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        sound(&raw);
    }
}

//! What the program would have asked for next: rounds before that came to the same request by the same way show it.

use super::cases::write;
use super::made::{Value, event, pickle, segment, snapshot};
use serde_json::Value as Json;
use whyoom::Diagnosis;
use whyoom::evidence::Next;

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;
/// What the driver has free at the refusal.
const FREE: u64 = 5 * MIB;

/// The requests of a step, by line and MiB; all are given back at its end.
const STEP: [(u64, u64); 3] = [(10, 20), (20, 30), (30, 40)];

fn asks(events: &mut Vec<Value>, requests: &[(u64, u64)]) {
    let mut at = BASE;
    for (line, mib) in requests {
        events.push(event("alloc", at, mib * MIB, *line));
        at += mib * MIB;
    }
}

fn step(events: &mut Vec<Value>, requests: &[(u64, u64)]) {
    asks(events, requests);
    let mut at = BASE;
    for (_, mib) in requests {
        events.push(event("free_requested", at, mib * MIB, 90));
        events.push(event("free_completed", at, mib * MIB, 90));
        at += mib * MIB;
    }
}

/// A program of whole steps and one that is refused its last request.
fn program(steps: &[&[(u64, u64)]], last: &[(u64, u64)]) -> Diagnosis {
    let mut events = Vec::new();
    for requests in steps {
        step(&mut events, requests);
    }
    let ((line, mib), before) = last.split_last().unwrap();
    asks(&mut events, before);
    events.push(event("oom", FREE, mib * MIB, *line));
    let used = before.iter().map(|(_, mib)| (mib * MIB, true));
    let blocks: Vec<(u64, bool)> = used.chain([(2 * MIB, false)]).collect();
    let value = snapshot(vec![segment(BASE, &blocks)], events);
    whyoom::diagnose("a.pickle", &pickle(&value, 4))
}

fn next(diagnosis: &Diagnosis) -> Option<Next> {
    let held = diagnosis.incidents[0].incident.holdings.as_deref();
    held.unwrap().next
}

/// The least and the most of it in MiB, and the rounds.
fn short(diagnosis: &Diagnosis) -> Option<(u64, u64, u64)> {
    next(diagnosis).map(|next| (next.low / MIB, next.high / MIB, next.rounds))
}

#[test]
fn rounds_before_show_how_far_memory_would_have_risen() {
    let diagnosis = program(&[&STEP[..]; 3], &STEP[..2]);
    assert_eq!(short(&diagnosis), Some((40, 40, 3)));
    let text = write("terminal", &diagnosis).replace("\n    ", " ");
    let words = "In 3 rounds before that came to this request, memory rose by another 40 MiB after it: room for this request \
                 alone would not have been enough.";
    assert!(text.contains(words), "{text}");
    let report: Json = serde_json::from_str(&write("json", &diagnosis)).unwrap();
    let told = &report["incidents"][0]["snapshot"]["next"];
    let expected = serde_json::json!({"low": 40 * MIB, "high": 40 * MIB, "rounds": 3});
    assert_eq!(*told, expected);
    let schema: Json = serde_json::from_str(&whyoom::report::json::schema()).unwrap();
    assert!(jsonschema::is_valid(&schema, &report));
}

#[test]
fn the_last_request_of_rounds_was_their_peak() {
    let diagnosis = program(&[&STEP[..]; 3], &STEP);
    assert_eq!(short(&diagnosis), Some((0, 0, 3)));
    let text = write("markdown", &diagnosis);
    assert!(
        text.contains("it was the peak: no more was needed after it."),
        "{text}"
    );
}

#[test]
fn one_round_shows_that_it_went_further_and_not_that_nothing_comes() {
    // The loop is seen by its second beginning.
    assert_eq!(short(&program(&[&STEP[..]], &STEP[..2])), Some((40, 40, 1)));
    assert_eq!(short(&program(&[&STEP[..]], &STEP)), None);
}

#[test]
fn rounds_that_differ_after_it_give_a_span() {
    let longer = [(10, 20), (20, 30), (30, 40), (40, 24)];
    let diagnosis = program(&[&STEP[..], &longer, &STEP], &STEP[..2]);
    assert_eq!(short(&diagnosis), Some((40, 64, 3)));
}

#[test]
fn what_is_let_go_before_counts_at_its_height() {
    let mut events = Vec::new();
    for _ in 0..3 {
        step(&mut events, &[(5, 90)]);
        step(&mut events, &STEP);
    }
    step(&mut events, &[(5, 90)]);
    asks(&mut events, &STEP[..1]);
    events.push(event("oom", FREE, 30 * MIB, 20));
    let value = snapshot(vec![segment(BASE, &[(20 * MIB, true)])], events);
    let diagnosis = whyoom::diagnose("a.pickle", &pickle(&value, 4));
    assert_eq!(short(&diagnosis), Some((40, 40, 3)));
}

#[test]
fn where_each_round_keeps_what_it_made_the_next_one_rises_higher() {
    let mut events = Vec::new();
    let passing = |events: &mut Vec<Value>| {
        events.push(event("alloc", BASE, 20 * MIB, 10));
        events.push(event("free_requested", BASE, 20 * MIB, 90));
        events.push(event("free_completed", BASE, 20 * MIB, 90));
    };
    for round in 1..=3 {
        passing(&mut events);
        events.push(event("alloc", BASE + round * 30 * MIB, 30 * MIB, 20));
    }
    passing(&mut events);
    events.push(event("oom", FREE, 30 * MIB, 20));
    let blocks = [(30 * MIB, false), (90 * MIB, true)];
    let value = snapshot(vec![segment(BASE, &blocks)], events);
    let diagnosis = whyoom::diagnose("a.pickle", &pickle(&value, 4));
    assert_eq!(short(&diagnosis), Some((20, 20, 3)));
}

#[test]
fn the_request_that_begins_a_round_is_found_too() {
    assert_eq!(
        short(&program(&[&STEP[..]; 3], &STEP[..1])),
        Some((70, 70, 3))
    );
}

/// A step of 300 requests of which no two are alike, then one of 60 MiB and one of 80.
fn long() -> Vec<(u64, u64)> {
    let layers = (0..300).map(|n| (10, 1 + n));
    layers.chain([(20, 60), (30, 80)]).collect()
}

/// Whole steps whose record begins with a request of the first one, and one that is refused.
fn cut(first: usize, steps: usize) -> Diagnosis {
    let whole = long();
    let mut events = Vec::new();
    for _ in 0..steps {
        step(&mut events, &whole);
    }
    events.drain(..first);
    asks(&mut events, &whole[..300]);
    events.push(event("oom", FREE, 60 * MIB, 20));
    let value = snapshot(vec![segment(BASE, &[(20 * MIB, true)])], events);
    whyoom::diagnose("a.pickle", &pickle(&value, 4))
}

#[test]
fn a_record_that_begins_within_a_round_is_followed_back_through_many_requests() {
    assert_eq!(short(&cut(30, 1)), Some((80, 80, 1)));
    assert_eq!(short(&cut(30, 2)), Some((80, 80, 2)));
    // A hundred requests are too few to know the place by.
    assert_eq!(next(&cut(200, 1)), None);
}

#[test]
fn layers_that_ask_alike_leave_the_place_in_a_cut_round_open() {
    let layers: Vec<(u64, u64)> = std::iter::repeat_n((10, 1), 700).collect();
    let last = [(30, 80)];
    let cut: Vec<(u64, u64)> = layers[300..].iter().chain(&last).copied().collect();
    assert_eq!(next(&program(&[&cut], &layers)), None);
}

#[test]
fn rounds_of_another_way_or_size_show_nothing() {
    let larger = [(10, 20), (20, 36)];
    assert_eq!(next(&program(&[&STEP[..]; 3], &larger)), None);
    let by_another_way = [(10, 20), (15, 60), (20, 30)];
    assert_eq!(next(&program(&[&STEP[..]; 3], &by_another_way)), None);
    assert_eq!(next(&program(&[], &STEP)), None);
}

#[test]
fn a_round_that_was_refused_something_is_not_whole() {
    let mut events = Vec::new();
    for _ in 0..3 {
        step(&mut events, &STEP);
    }
    asks(&mut events, &STEP[..2]);
    events.push(event("oom", FREE, 40 * MIB, 30));
    for (at, mib) in [(BASE, 20), (BASE + 20 * MIB, 30)] {
        events.push(event("free_completed", at, mib * MIB, 90));
    }
    asks(&mut events, &STEP[..1]);
    events.push(event("oom", FREE, 30 * MIB, 20));
    let value = snapshot(vec![segment(BASE, &[(20 * MIB, true)])], events);
    let diagnosis = whyoom::diagnose("a.pickle", &pickle(&value, 4));
    assert_eq!(short(&diagnosis), Some((40, 40, 3)));
}

#[test]
fn the_same_request_a_hundred_thousand_times_is_read_to_the_end() {
    let lines = [(10, 1), (20, 1)];
    let steps: Vec<&[(u64, u64)]> = vec![&lines; 17_000];
    let diagnosis = program(&steps, &lines);
    assert_eq!(short(&diagnosis), Some((0, 0, 8)));
}

#[test]
fn idle_memory_that_would_not_have_lasted_is_said_to_be_so() {
    // 60 MiB in use between holes of 40 MiB: enough for the 50 MiB in one piece with what the driver has, and not for 400 MiB after them.
    let step_of = [(10, 20), (10, 20), (10, 20), (20, 50), (30, 400)];
    let mut events = Vec::new();
    for _ in 0..3 {
        step(&mut events, &step_of);
    }
    let pieces = [
        (12, false),
        (20, true),
        (14, false),
        (20, true),
        (14, false),
        (20, true),
    ];
    let mut at = BASE;
    for (line, (mib, used)) in std::iter::repeat(10).zip(pieces) {
        if used {
            events.push(event("alloc", at, mib * MIB, line));
        }
        at += mib * MIB;
    }
    events.push(event("oom", 20 * MIB, 50 * MIB, 20));
    let blocks: Vec<(u64, bool)> = pieces
        .iter()
        .map(|(mib, used)| (mib * MIB, *used))
        .collect();
    let value = snapshot(vec![segment(BASE, &blocks)], events);
    let diagnosis = whyoom::diagnose("a.pickle", &pickle(&value, 4));
    assert_eq!(short(&diagnosis), Some((400, 400, 3)));
    let text = write("terminal", &diagnosis).replace("\n  ", " ");
    let words = "Together that is enough. In this pool and stream 40 MiB lies in 3 pieces, the largest of 14 MiB. It would not have \
                 been for long: by rounds before, the program was to need 390 MiB more than that.";
    assert!(text.contains(words), "{text}");
}

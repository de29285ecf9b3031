//! Which moment is told and what was held then: before what came after it, in every way in which a snapshot is written.

use super::made::{self, Value, event, pickle, segment, snapshot};
use whyoom::Diagnosis;
use whyoom::evidence::{HeldAt, Holdings};

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;

/// 60 MiB in three blocks, of which the last was asked for in line 30; a refusal; then the exception lets two go.
fn unwound() -> Value {
    snapshot(
        vec![segment(BASE, &[(20 * MIB, true), (40 * MIB, false)])],
        vec![
            event("segment_alloc", BASE, 60 * MIB, 1),
            event("alloc", BASE, 20 * MIB, 10),
            event("alloc", BASE + 20 * MIB, 20 * MIB, 20),
            event("alloc", BASE + 40 * MIB, 20 * MIB, 30),
            event("oom", 5 * MIB, 64 * MIB, 40),
            event("free_requested", BASE + 40 * MIB, 20 * MIB, 50),
            event("free_completed", BASE + 40 * MIB, 20 * MIB, 50),
            event("free_requested", BASE + 20 * MIB, 20 * MIB, 50),
            event("free_completed", BASE + 20 * MIB, 20 * MIB, 50),
        ],
    )
}

fn held(diagnosis: &Diagnosis) -> &Holdings {
    diagnosis.incidents[0].incident.holdings.as_deref().unwrap()
}

fn lines(held: &Holdings) -> Vec<(u32, u64)> {
    let lines = held.owners.iter();
    lines
        .map(|o| (o.frame.as_ref().map_or(0, |f| f.line), o.bytes / MIB))
        .collect()
}

#[test]
fn what_came_after_the_refusal_is_taken_back() {
    let diagnosis = whyoom::diagnose("a.pickle", &pickle(&unwound(), 4));
    let held = held(&diagnosis);
    assert_eq!(
        (held.at, held.allocated / MIB, held.events_after),
        (HeldAt::Refusal, 60, 4)
    );
    assert_eq!(lines(held), [(7, 20), (20, 20), (30, 20)]);
    assert_eq!((held.idle.usable, held.idle.pieces), (0, 0));
}

#[test]
fn every_protocol_and_json_say_the_same() {
    let value = unwound();
    let expected = whyoom::diagnose("a", &pickle(&value, 4));
    for protocol in 0..=5 {
        let raw = pickle(&value, protocol);
        let diagnosis = whyoom::diagnose("a", &raw);
        assert!(diagnosis.complete, "{protocol}: {:?}", diagnosis.problem);
        assert_eq!(diagnosis.incidents.len(), 1, "protocol {protocol}");
        assert_eq!(held(&diagnosis), held(&expected), "protocol {protocol}");
    }
    let text = serde_json::to_vec(&made::json(&value)).unwrap();
    let diagnosis = whyoom::diagnose("a", &text);
    assert_eq!(held(&diagnosis), held(&expected), "JSON");
    let indented = serde_json::to_vec_pretty(&made::json(&value)).unwrap();
    assert_eq!(held(&whyoom::diagnose("a", &indented)), held(&expected));
}

#[test]
fn pinned_memory_of_the_host_is_no_gpus() {
    let Value::Dict(mut items) = unwound() else {
        unreachable!("a snapshot is a dictionary");
    };
    let without = whyoom::diagnose("a.pickle", &pickle(&unwound(), 4));
    // PyTorch 2.14, with `record_pinned_host_memory=True`.
    let host = Value::Dict(vec![
        ("address", Value::Int(BASE)),
        ("size", Value::Int(64 * MIB)),
        ("allocated", Value::Bool(true)),
        ("active", Value::Bool(true)),
    ]);
    items.push(("host_segments", Value::List(vec![host])));
    items.push(("host_traces", Value::List(vec![])));
    let with = whyoom::diagnose("a.pickle", &pickle(&Value::Dict(items), 4));
    let (one, other) = (held(&without), held(&with));
    assert_eq!(
        (one.allocated, &one.owners),
        (other.allocated, &other.owners)
    );
    assert!(with.complete && one.remarks.is_empty());
    assert!(
        other.remarks[0].starts_with("Pinned memory of the host"),
        "{:?}",
        other.remarks
    );
}

#[test]
fn without_a_refusal_the_peak_is_told() {
    let events = vec![
        event("alloc", BASE, 20 * MIB, 10),
        event("alloc", BASE + 20 * MIB, 20 * MIB, 20),
        event("free_requested", BASE + 20 * MIB, 20 * MIB, 50),
        event("free_completed", BASE + 20 * MIB, 20 * MIB, 50),
    ];
    let segments = vec![segment(BASE, &[(20 * MIB, true), (40 * MIB, false)])];
    let diagnosis = whyoom::diagnose("a", &pickle(&snapshot(segments, events), 4));
    assert!(diagnosis.incidents.is_empty());
    let held = &diagnosis.holdings[0];
    assert_eq!((held.at, held.allocated / MIB), (HeldAt::Peak, 40));
}

#[test]
fn segments_alone_are_told_as_they_are_at_the_end() {
    let list = Value::List(vec![segment(BASE, &[(20 * MIB, true), (40 * MIB, false)])]);
    for raw in [pickle(&list, 4), pickle(&list, 2)] {
        let diagnosis = whyoom::diagnose("a", &raw);
        let held = &diagnosis.holdings[0];
        assert_eq!((held.at, held.allocated / MIB), (HeldAt::End, 20));
        assert!(held.remarks[0].contains("_record_memory_history"));
    }
}

#[test]
fn segments_that_came_and_went_after_the_refusal_are_taken_back() {
    let events = vec![
        event("alloc", BASE, 20 * MIB, 10),
        event("oom", 5 * MIB, 64 * MIB, 40),
        event("free_requested", BASE, 20 * MIB, 50),
        event("free_completed", BASE, 20 * MIB, 50),
        event("segment_free", BASE, 20 * MIB, 60),
        event("segment_alloc", BASE + 100 * MIB, 60 * MIB, 70),
    ];
    let segments = vec![segment(BASE + 100 * MIB, &[(60 * MIB, false)])];
    let diagnosis = whyoom::diagnose("a", &pickle(&snapshot(segments, events), 4));
    let held = held(&diagnosis);
    assert_eq!((held.reserved / MIB, held.allocated / MIB), (20, 20));
    assert_eq!(lines(held), [(10, 20)]);
}

#[test]
fn another_devices_memory_is_told_apart() {
    let mut other = segment(BASE, &[(30 * MIB, true)]);
    if let Value::Dict(items) = &mut other {
        items[0].1 = Value::Int(1);
    }
    let mut value = unwound();
    if let Value::Dict(items) = &mut value
        && let Value::List(segments) = &mut items[0].1
    {
        segments.push(other);
    }
    let diagnosis = whyoom::diagnose("a", &pickle(&value, 4));
    assert_eq!(held(&diagnosis).allocated / MIB, 60);
    assert_eq!(diagnosis.holdings.len(), 1);
    assert_eq!(
        (
            diagnosis.holdings[0].device,
            diagnosis.holdings[0].allocated / MIB
        ),
        (1, 30)
    );
}

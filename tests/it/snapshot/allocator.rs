//! What the allocator had done with blocks that the file does not hold any more, and snapshots that lack a part.

use super::made::{Value, event, frame, pickle, segment, snapshot};
use whyoom::evidence::{FindingId, HeldAt, Holdings, MemoryKind};
use whyoom::{Diagnosis, diagnose};

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;

fn held(diagnosis: &Diagnosis) -> &Holdings {
    diagnosis.incidents[0].incident.holdings.as_deref().unwrap()
}

fn set(value: &mut Value, key: &'static str, to: Value) {
    let Value::Dict(items) = value else {
        unreachable!("only dictionaries have keys");
    };
    items.retain(|(known, _)| *known != key);
    items.push((key, to));
}

/// A request of so many bytes in a segment of so many, refused requests after it, and the exception that lets it go.
fn let_go(request: u64, held: u64) -> Value {
    let free = |action| event(action, BASE, request, 50);
    snapshot(
        vec![segment(BASE, &[(held, false)])],
        vec![
            event("segment_alloc", BASE, held, 1),
            event("alloc", BASE, request, 10),
            event("oom", 5 * MIB, 64 * MIB, 40),
            free("free_requested"),
            free("free_completed"),
        ],
    )
}

#[test]
fn a_small_rest_of_a_large_block_was_never_split_off() {
    let allocated = |value: &Value| held(&diagnose("a", &pickle(value, 4))).allocated;
    // CUDACachingAllocator.cpp, should_split: more than 1 MiB has to be left.
    let half = MIB / 2;
    assert_eq!(allocated(&let_go(20 * MIB - half, 20 * MIB)), 20 * MIB);
    assert_eq!(
        allocated(&let_go(20 * MIB - 3 * half, 20 * MIB)),
        20 * MIB - 3 * half
    );
    // Growing segments are split to the page.
    let mut growing = segment(BASE, &[(20 * MIB, false)]);
    set(&mut growing, "is_expandable", Value::Bool(true));
    let mut value = let_go(20 * MIB - half, 20 * MIB);
    set(&mut value, "segments", Value::List(vec![growing]));
    assert_eq!(allocated(&value), 20 * MIB - half);
}

#[test]
fn a_block_is_rounded_as_the_settings_say() {
    let mut value = let_go(37 * MIB + 123, 60 * MIB);
    let keys = ["1", "2", "4", "8", "16", "32", "64", "128"];
    let divisions = keys.map(|key| (key, Value::Int(4))).to_vec();
    let settings = vec![
        (
            "PYTORCH_CUDA_ALLOC_CONF",
            Value::Text("roundup_power2_divisions:4".to_owned()),
        ),
        ("roundup_power2_divisions", Value::Dict(divisions)),
    ];
    set(&mut value, "allocator_settings", Value::Dict(settings));
    for protocol in [0, 2, 4] {
        let diagnosis = diagnose("a", &pickle(&value, protocol));
        let held = held(&diagnosis);
        assert_eq!(
            (held.allocated, held.requested),
            (40 * MIB, 37 * MIB + 123),
            "{protocol}"
        );
    }
}

/// A frame of C++, as PyTorch names it.
fn native(name: &str) -> Value {
    let mut value = frame("??", 0);
    set(&mut value, "name", Value::Text(name.to_owned()));
    value
}

/// An event with these frames, innermost first.
fn by(action: &str, address: u64, frames: Vec<Value>) -> Value {
    let mut value = event(action, address, 20 * MIB, 1);
    set(&mut value, "frames", Value::List(frames));
    value
}

#[test]
fn frames_of_cpp_are_no_lines_of_the_program() {
    let allocator = || native("c10::cuda::CUDACachingAllocator::allocate(unsigned long)");
    let python = || {
        vec![
            allocator(),
            frame("train.py", 10),
            native("_PyEval_EvalFrameDefault"),
        ]
    };
    let backward = vec![
        allocator(),
        native("torch::autograd::Engine::thread_main(std::shared_ptr<GraphTask> const&)"),
    ];
    let other = vec![allocator(), native("c10d::ProcessGroupNCCL::heartbeat()")];
    let at = |n: u64| BASE + n * 20 * MIB;
    let mut blocks = segment(BASE, &[(20 * MIB, true); 3]);
    let Value::Dict(items) = &mut blocks else {
        unreachable!("a segment is a dictionary");
    };
    let Some((_, Value::List(list))) = items.iter_mut().find(|(key, _)| *key == "blocks") else {
        unreachable!("it has blocks");
    };
    for (block, frames) in list
        .iter_mut()
        .zip([python(), backward.clone(), other.clone()])
    {
        set(block, "frames", Value::List(frames));
    }
    let value = snapshot(
        vec![blocks],
        vec![
            by("alloc", at(0), python()),
            by("alloc", at(1), backward),
            by("alloc", at(2), other),
            by("oom", 5 * MIB, python()),
        ],
    );
    let diagnosis = diagnose("a", &pickle(&value, 4));
    let incident = &diagnosis.incidents[0].incident;
    assert_eq!(incident.traceback.frames.len(), 1);
    assert_eq!(incident.frame.as_ref().unwrap().file, "train.py");
    let held = held(&diagnosis);
    let owners = held.owners.iter();
    let owners: Vec<_> = owners
        .map(|o| (o.frame.as_ref().map(|f| f.line), o.kind))
        .collect();
    assert_eq!(owners.len(), 3);
    for expected in [
        (Some(10), MemoryKind::Program),
        (None, MemoryKind::Backward),
        (None, MemoryKind::Unknown),
    ] {
        assert!(owners.contains(&expected), "{expected:?} in {owners:?}");
    }
    let shown = held
        .stacks
        .iter()
        .filter(|s| s.frames.contains("train.py:10"));
    let shown: Vec<_> = shown.map(|s| s.frames.as_str()).collect();
    assert_eq!(shown, ["work (train.py:10)"]);
}

#[test]
fn a_driver_with_room_was_not_asked_because_of_a_limit() {
    let value = snapshot(
        vec![segment(BASE, &[(4000 * MIB, true)])],
        vec![
            event("alloc", BASE, 4000 * MIB, 10),
            event("oom", 90_000 * MIB, 64 * MIB, 40),
        ],
    );
    let diagnosis = diagnose("a", &pickle(&value, 4));
    let verdict = &diagnosis.incidents[0].causes[0];
    assert_eq!(verdict.finding.id, FindingId::MemoryFraction);
}

#[test]
fn what_came_before_the_record_is_counted() {
    let value = snapshot(
        vec![segment(
            BASE,
            &[(20 * MIB, true), (20 * MIB, true), (20 * MIB, false)],
        )],
        vec![
            // Of a block that was asked for before the record.
            event("free_requested", BASE + 40 * MIB, 20 * MIB, 5),
            event("free_completed", BASE + 40 * MIB, 20 * MIB, 5),
            event("alloc", BASE + 20 * MIB, 20 * MIB, 10),
            event("oom", 5 * MIB, 64 * MIB, 40),
        ],
    );
    let diagnosis = diagnose("a", &pickle(&value, 4));
    let held = held(&diagnosis);
    assert_eq!((held.older, held.requests_before), (20 * MIB, 2));
    let text = super::cases::write("terminal", &diagnosis);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "The record has 4 events over 35 µs. 20 MiB is older than the record: at least 2 requests came before it.";
    assert!(text.contains(words), "{text}");
}

#[test]
fn events_without_segments_are_replayed() {
    let mut value = let_go(20 * MIB, 20 * MIB);
    if let Value::Dict(items) = &mut value {
        items.retain(|(key, _)| *key != "segments");
    }
    let diagnosis = diagnose("a", &pickle(&value, 4));
    let held = held(&diagnosis);
    assert_eq!(
        (held.at, held.allocated, held.reserved),
        (HeldAt::Refusal, 20 * MIB, 20 * MIB)
    );
    assert!(
        held.remarks[0].contains("no segments"),
        "{:?}",
        held.remarks
    );
}

#[test]
fn a_gpu_on_which_nothing_happened_is_not_told() {
    let mut value = snapshot(vec![segment(BASE, &[(20 * MIB, true)])], vec![]);
    let traces = [
        event("alloc", BASE, 20 * MIB, 10),
        event("snapshot", 0, 0, 11),
    ];
    let traces = traces.map(|event| Value::List(vec![event])).to_vec();
    set(&mut value, "device_traces", Value::List(traces));
    let diagnosis = diagnose("a", &pickle(&value, 4));
    let told: Vec<u32> = diagnosis.holdings.iter().map(|held| held.device).collect();
    assert_eq!(told, [0]);
    let text = super::cases::write("terminal", &diagnosis);
    assert!(text.contains("The record has 1 event."), "{text}");
}

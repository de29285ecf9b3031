//! Files that want to run code, bombs, damage and cuts: nothing is run, what can be read is told, and never as if all was.

use super::cases::unpacked;
use super::made::{event, pickle, segment, snapshot};
use proptest::prelude::*;
use whyoom::{Diagnosis, diagnose};

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;

/// A snapshot up to its events, and then these instructions.
fn with(instructions: &[u8]) -> Vec<u8> {
    let segments = vec![segment(BASE, &[(20 * MIB, true)])];
    let events = vec![event("alloc", BASE, 20 * MIB, 10)];
    let mut raw = pickle(&snapshot(segments, events), 4);
    raw.pop();
    raw.extend(instructions);
    raw.push(b'.');
    raw
}

fn problem(diagnosis: &Diagnosis) -> &str {
    diagnosis.problem.as_deref().unwrap_or_default()
}

#[test]
fn whatever_would_load_or_call_something_is_refused_by_name_and_place() {
    let before = with(b"").len() - 1;
    for (instructions, name) in [
        (&b"cos\nsystem\n"[..], "GLOBAL `os.system`"),
        (
            b"\x8c\x05posix\x8c\x06system\x93",
            "STACK_GLOBAL `posix.system`",
        ),
        (b"(ios\nsystem\n", "INST `os.system`"),
        (b"N)R", "REDUCE"),
        (b"N)\x81", "NEWOBJ"),
        (b"N)}\x92", "NEWOBJ_EX"),
        (b"NNb", "BUILD"),
        (b"(No", "OBJ"),
        (b"Pevil\n", "PERSID `evil`"),
        (b"NQ", "BINPERSID"),
        (b"\x82\x01", "EXT1"),
        (b"\x83\x01\x00", "EXT2"),
        (b"\x84\x01\x00\x00\x00", "EXT4"),
        (b"\x97", "NEXT_BUFFER"),
        (b"N\x98", "READONLY_BUFFER"),
    ] {
        let diagnosis = diagnose("a.pickle", &with(instructions));
        let words = problem(&diagnosis);
        assert!(words.contains(name), "{name}: {words}");
        let at = words.split("at byte ").nth(1).unwrap_or_default();
        let at: usize = at.split('.').next().unwrap().parse().unwrap();
        assert!(
            (before..before + instructions.len()).contains(&at),
            "{name}: {words}"
        );
        assert!(!diagnosis.complete);
        // What stood before it is told all the same.
        assert_eq!(diagnosis.holdings[0].allocated / MIB, 20, "{name}");
    }
}

#[test]
fn a_pickle_that_only_runs_a_program_is_refused_by_name_too() {
    for (raw, name) in [
        (&b"cos\nsystem\n(S'id'\ntR."[..], "GLOBAL `os.system`"),
        (b"(S'id'\nios\nsystem\n.", "INST `os.system`"),
        (
            b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85R.",
            "STACK_GLOBAL `posix.system`",
        ),
    ] {
        let diagnosis = diagnose("a.pickle", raw);
        assert!(!diagnosis.complete && problem(&diagnosis).contains(name));
        let remark = diagnosis.remark.as_deref().unwrap_or_default();
        assert!(remark.contains("runs code"), "{remark}");
    }
}

#[test]
fn a_cut_snapshot_of_any_protocol_tells_what_stood_before_the_cut() {
    let segments = vec![segment(BASE, &[(20 * MIB, true)])];
    let events = (0..40).map(|n| event("alloc", BASE, 20 * MIB, n));
    let value = snapshot(segments, events.collect());
    for protocol in 0..=5 {
        let mut raw = pickle(&value, protocol);
        raw.truncate(raw.len() * 3 / 4);
        let diagnosis = diagnose("a.pickle", &raw);
        assert!(!diagnosis.complete);
        let held = diagnosis.holdings.first();
        let held = held.unwrap_or_else(|| panic!("nothing by protocol {protocol}"));
        assert_eq!(held.allocated / MIB, 20, "{protocol}");
        assert!(
            (10..40).contains(&held.events),
            "{protocol}: {}",
            held.events
        );
    }
}

#[test]
fn bombs_and_nonsense_end_soon_and_with_a_word() {
    let deep = b"(]".repeat(5000);
    let long = b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec();
    let far = b"Nr\xff\xff\xff\x7f".to_vec();
    let unset = b"j\xff\xff\x00\x00".to_vec();
    for instructions in [
        deep,
        long,
        far,
        unset,
        b"\xff".to_vec(),
        b"e".to_vec(),
        b"ssss".to_vec(),
    ] {
        let diagnosis = diagnose("a.pickle", &with(&instructions));
        assert!(
            !diagnosis.complete,
            "{:?}",
            &instructions[..instructions.len().min(9)]
        );
        assert!(!problem(&diagnosis).is_empty());
    }
}

#[test]
fn a_container_in_itself_is_no_loop() {
    // The list of events holds itself, and the dictionary holds itself.
    for instructions in [
        &b"]\x94(h\x01h\x01e0"[..],
        b"}\x94(\x8c\x01ah\x00u0",
        b"h\x00\x8c\x01xh\x00s0",
    ] {
        let diagnosis = diagnose("a.pickle", &with(instructions));
        assert_eq!(diagnosis.holdings.len(), 1, "{instructions:?}");
    }
}

#[test]
fn a_snapshot_that_is_cut_off_is_read_as_far_as_it_goes() {
    let raw = unpacked("exhaust-forward-batch");
    let whole = diagnose("a", &raw);
    let all = whole.incidents[0].incident.holdings.as_ref().unwrap();
    for tenths in 1..10 {
        let diagnosis = diagnose("a", &raw[..raw.len() * tenths / 10]);
        assert!(!diagnosis.complete && problem(&diagnosis) == "it is cut off");
        let held = &diagnosis.holdings[0];
        assert!(
            held.allocated > 0 && held.allocated <= all.allocated,
            "{tenths}"
        );
    }
    // The segments stand first, and are whole by then.
    let diagnosis = diagnose("a", &raw[..raw.len() * 9 / 10]);
    assert_eq!(diagnosis.holdings[0].allocated, all.allocated);
}

#[test]
fn other_pickles_and_json_are_no_snapshots() {
    for raw in [
        &b"\x80\x02}q\x00(X\x05\x00\x00\x00modelq\x01cnumpy\nndarray\n."[..],
        b"{\"text\": \"segments\", \"step\": 1}\n",
        b"[2024-01-01] segments of the trace\n",
        b"\x80\x04",
        b"",
    ] {
        let diagnosis = diagnose("a", raw);
        assert!(diagnosis.holdings.is_empty() && diagnosis.incidents.is_empty());
        assert!(diagnosis.complete);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_anywhere_is_survived(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let segments = vec![segment(BASE, &[(20 * MIB, true), (40 * MIB, false)])];
        let events: Vec<_> = (0..9).map(|n| event("alloc", BASE + n * MIB, MIB, n)).collect();
        for protocol in [0, 2, 4] {
            let mut raw = pickle(&snapshot(segments.clone(), Vec::clone(&events)), protocol);
            let place = at.index(raw.len());
            raw[place] = byte;
            diagnose("a", &raw);
            raw.truncate(cut.index(raw.len()));
            diagnose("a", &raw);
        }
    }
}

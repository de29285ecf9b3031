//! Any bytes as a memory snapshot: nothing in it is run, the same diagnosis however it is cut, every output valid, and sums that hold.
//!
//! Half of the inputs are taken as they are; the others stand behind the beginning of a snapshot, so that they are read as one.

#![no_main]

#[path = "../sound.rs"]
mod sound;

use libfuzzer_sys::fuzz_target;
use whyoom::evidence::Holdings;
use whyoom::{Diagnosis, Reader};

/// A dictionary with a segment, in an event's list of a first GPU: what comes next is an event.
const BEGINNING: &[u8] = b"\x80\x04}\x94(\x8c\x08segments\x94]\x94}\x94(\x8c\x06device\x94K\x00\x8c\x07address\x94K\x00\
    \x8c\x0atotal_size\x94J\x00\x00\x20\x00\x8c\x06blocks\x94]\x94}\x94(\x8c\x04size\x94J\x00\x00\x20\x00\x8c\x05state\x94\
    \x8c\x10active_allocated\x94uaua\x8c\x0ddevice_traces\x94]\x94]\x94(";

fuzz_target!(|raw: &[u8]| {
    let raw = match raw.split_first() {
        Some((0, rest)) => [BEGINNING, rest].concat(),
        _ => raw.to_vec(),
    };
    let key = raw.iter().fold(0usize, |key, byte| {
        key.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    let whole = cut(&raw, raw.len().max(1));
    whole.all_holdings().for_each(sums);
    // Seldom, since it takes long.
    if key % 32 == 0 {
        sound::check_redacted(&whole);
    }
    let json = sound::write("json", &whole);
    let size = [1, 7, 100, 4096][key / 32 % 4];
    assert_eq!(
        json,
        sound::write("json", &cut(&raw, size)),
        "in chunks of {size}"
    );
});

/// The diagnosis of pieces of this size.
fn cut(raw: &[u8], size: usize) -> Diagnosis {
    let mut reader = Reader::new("fuzz.pickle");
    raw.chunks(size).for_each(|chunk| reader.push(chunk));
    reader.diagnose()
}

/// No part is more than its whole.
fn sums(held: &Holdings) {
    let owners = held.owners.iter().map(|owner| owner.bytes);
    let kinds: u64 = held.kinds.iter().map(|(_, bytes)| bytes).sum();
    assert!(owners.fold(0u64, u64::saturating_add) <= kinds, "{held:?}");
    assert!(
        held.allocated <= kinds && kinds <= held.allocated + held.idle.pending,
        "{held:?}"
    );
}

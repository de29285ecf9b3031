//! Any bytes as a log: the same diagnosis however they are cut, and every output valid and free of what a terminal or a
//! runner would execute.

#![no_main]

#[path = "../sound.rs"]
mod sound;

use libfuzzer_sys::fuzz_target;
use whyoom::{Diagnosis, Reader};

/// How far apart the two copies of a long input stand: further than is looked through at once.
const GAP: usize = 300 << 10;

fuzz_target!(|raw: &[u8]| {
    let key = hash(raw);
    let whole = whyoom::diagnose("fuzz.log", raw);
    sound::check(&whole, raw);
    same(&whole, &cut(raw, key, 1 + raw.len() / 3));
    // Seldom, since it takes long: where the input outgrows what is held at once.
    if key % 64 == 0 {
        let long = long(raw, key);
        let whole = whyoom::diagnose("fuzz.log", &long);
        same(&whole, &cut(&long, key, 200 << 10));
    }
});

/// A number that only these bytes decide.
fn hash(raw: &[u8]) -> usize {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = raw.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    usize::try_from(hash >> 32).unwrap()
}

/// The input, much that is of no interest, with or without ends of lines, and the input again.
fn long(raw: &[u8], key: usize) -> Vec<u8> {
    let between: &[u8] = match key / 64 % 3 {
        0 => b"a line of no interest\n",
        1 => b"words without an end ",
        _ => b"x",
    };
    let filler = between.iter().copied().cycle().take(GAP + key % 4099);
    raw.iter()
        .copied()
        .chain(filler)
        .chain(raw.iter().copied())
        .collect()
}

/// The diagnosis of pieces of up to so many bytes.
fn cut(raw: &[u8], key: usize, most: usize) -> Diagnosis {
    let mut reader = Reader::new("fuzz.log");
    let mut rest = raw;
    let mut key = key;
    while !rest.is_empty() {
        key = key
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (now, later) = rest.split_at((1 + (key >> 33) % most).min(rest.len()));
        reader.push(now);
        rest = later;
    }
    reader.diagnose()
}

fn same(a: &Diagnosis, b: &Diagnosis) {
    assert_eq!(sound::write("json", a), sound::write("json", b));
}

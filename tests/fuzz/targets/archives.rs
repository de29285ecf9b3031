//! Any bytes as a file: whatever it is packed with, it is read as far as it goes, within its limits, and the reader is told
//! where that was not all.

#![no_main]

#[path = "../sound.rs"]
mod sound;

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use whyoom::Reader;
use whyoom::input::{self, Control, Source};

/// More text than any input of this size may become before it is given up.
const MOST: u64 = 4 << 30;

/// A file in memory, where the system has such a folder.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    folder.join(format!("whyoom-fuzz-{}", std::process::id()))
});

fuzz_target!(|raw: &[u8]| {
    std::fs::write(&*FILE, raw).unwrap();
    let source = Source::File(FILE.clone());
    let mut reader = Reader::new("fuzz.log");
    let mut text = 0u64;
    let outcome = input::read(&source, &Control::default(), &mut |chunk| {
        text += chunk.len() as u64;
        reader.push(chunk);
    });
    let outcome = outcome.unwrap();
    assert!(text <= MOST, "{} bytes became {text}", raw.len());
    assert!(outcome.bytes <= raw.len() as u64);
    assert!(outcome.problem.is_some() || outcome.bytes == raw.len() as u64);
    let mut diagnosis = reader.finish();
    diagnosis.complete = outcome.problem.is_none();
    diagnosis.problem = outcome.problem;
    sound::check_redacted(&mut diagnosis);
});

//! Any bytes as a file: whatever it is packed with, it is read as far as it goes, within its limits, and the reader is told
//! where that was not all.

#![no_main]

#[path = "../sound.rs"]
mod sound;

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use whyoom::{Diagnosis, Reader};
use whyoom::input::{self, Control, Part, Source};

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
    let mut logs = Vec::new();
    let read = input::read(&source, &Control::default(), &mut |part| match part {
        Part::Begins(name) => reader = Reader::new(name),
        Part::Text(chunk) => {
            text += chunk.len() as u64;
            reader.push(chunk);
        }
        Part::Ends(outcome) => {
            let reader = std::mem::replace(&mut reader, Reader::new(""));
            logs.push(reader.finish(outcome));
        }
    });
    read.unwrap();
    assert!(text <= MOST, "{} bytes became {text}", raw.len());
    assert!(!logs.is_empty());
    for log in logs {
        sound::check_redacted(&Diagnosis::of(log, None));
    }
});

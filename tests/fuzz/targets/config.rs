//! Any text as a settings file: it is taken or refused with a reason on one line, and the patterns in it do no harm to a log.

#![no_main]

#[path = "../sound.rs"]
mod sound;

use libfuzzer_sys::fuzz_target;
use whyoom::Reader;
use whyoom::settings;

/// Lines for prefixes, readings and a failure.
const LOG: &[u8] = b"<<worker 3>> it 1 tensors take 2.5 GiB\n<<worker 3>> it 2 tensors take 3.5 GiB\n\
    Traceback (most recent call last):\n  File \"/opt/envs/ours/train.py\", line 7, in main\n    y = model(x)\n\
    torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 23.64 GiB of \
    which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved by \
    PyTorch but unallocated.\n";

fuzz_target!(|raw: &[u8]| {
    let Ok(text) = std::str::from_utf8(raw) else {
        return;
    };
    match settings(text) {
        Err(error) => {
            let words = error.to_string();
            assert!(words.starts_with("whyoom.toml: "), "{words}");
        }
        Ok(custom) => {
            let mut reader = Reader::with("fuzz.log", &custom);
            reader.push(LOG);
            sound::check(&reader.diagnose(), LOG);
        }
    }
});

//! How long one message takes, and a log of 200 MiB: `cargo bench`.

use divan::Bencher;
use divan::counter::BytesCount;

const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of \
    79.15 GiB of which 1.25 GiB is free. Including non-PyTorch memory, this process has 77.90 GiB memory in use. Of the \
    allocated memory 70.40 GiB is allocated by PyTorch, and 6.10 GiB is reserved by PyTorch but unallocated.\n";
const SIZE: usize = 200 << 20;

fn main() {
    divan::main();
}

/// The lines of a training job; the failure comes at the end.
fn log() -> Vec<u8> {
    let mut log = Vec::with_capacity(SIZE + (1 << 10));
    for step in 0.. {
        let line = match step % 4 {
            0 => format!(
                "2026-11-20T12:00:00.1058756Z step {step}/10000 | loss 1.1134 | 9034 tok/s\n"
            ),
            1 => format!("tests/test_model.py::test_forward[shape{step}-float16] PASSED [ 49%]\n"),
            2 => format!(
                "Requirement already satisfied: package-{step}<3,>=1.36 in /usr/lib/python3.12\n"
            ),
            _ => format!(
                "\u{1b}[1m   Compiling\u{1b}[0m kernels/attn_{step}.cu (sm_90a) registers=168\n"
            ),
        };
        log.extend_from_slice(line.as_bytes());
        if log.len() >= SIZE {
            break;
        }
    }
    log.extend_from_slice(MESSAGE.as_bytes());
    log
}

#[divan::bench]
fn one_message(bencher: Bencher<'_, '_>) {
    bencher.bench(|| whyoom::diagnose("pasted", divan::black_box(MESSAGE).as_bytes()));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_log_of_200_mib(bencher: Bencher<'_, '_>) {
    let log = log();
    bencher
        .counter(BytesCount::of_slice(&log))
        .bench_local(|| whyoom::diagnose("log", divan::black_box(&log)));
}

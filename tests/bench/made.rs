//! Made logs of a CI job that trains: steps with readings, progress bars, tests, packages, compilers in colour, an engine's
//! statistics, tracebacks that end in other errors, and failures.

use std::fmt::Write;

/// One message, as PyTorch 2.4 and newer print it.
pub(crate) const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of \
    79.15 GiB of which 1.25 GiB is free. Including non-PyTorch memory, this process has 77.90 GiB memory in use. Of the \
    allocated memory 70.40 GiB is allocated by PyTorch, and 6.10 GiB is reserved by PyTorch but unallocated.\n";

/// The call stack above every error.
const TRACE: &str = "Traceback (most recent call last):\n  File \"/workspace/app/train.py\", line 88, in <module>\n    \
    loss.backward()\n  File \"/usr/lib/python3.12/site-packages/torch/_tensor.py\", line 631, in backward\n    \
    torch.autograd.backward(\n";

/// A log of about this size with so many failures, spread evenly, each line with a time as GitHub prints it.
pub(crate) fn log(size: usize, failures: usize) -> Vec<u8> {
    let mut log = Vec::with_capacity(size + (4 << 10));
    let mut failed = 0;
    for number in 0.. {
        if log.len() >= size {
            break;
        }
        // The last one stands near the end, as failures do.
        if failed < failures && log.len() >= size / failures * (failed + 1) - size / failures / 32 {
            failed += 1;
            stamp(&mut log, number, &failure(number));
        }
        stamp(&mut log, number, &block(number));
    }
    log
}

/// Failures differ, or they would be one that repeats.
fn failure(number: u64) -> String {
    let tried = format!(
        "Tried to allocate {}.{:02} GiB",
        number % 7 + 2,
        number % 97
    );
    TRACE.to_owned() + &MESSAGE.replace("Tried to allocate 2.00 GiB", &tried)
}

fn block(number: u64) -> String {
    // Not in turn: what a processor can foresee, it does.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let n = mixed % 9973;
    match mixed % 7 {
        0 => format!(
            "step {n}/10000 | loss 1.{n:04} | lr 3.0e-04 | mem allocated {}.{:02} GB reserved 66.{:02} GB | {} tok/s\n",
            20 + n % 40,
            n % 100,
            n % 89,
            9000 + n
        ),
        1 => bar(n),
        2 => format!(
            "tests/test_model.py::test_forward[shape{n}-float16] PASSED                     [ {:2}%]\n",
            n % 100
        ),
        3 => format!(
            "Requirement already satisfied: package-{n}<3,>=1.{} in /usr/lib/python3.12/site-packages (from app==0.{})\n",
            n % 40,
            n % 9
        ),
        4 => format!(
            "\u{1b}[1m\u{1b}[32m   Compiling\u{1b}[0m kernels/attn_{n}.cu (sm_90a) \u{1b}[2mregisters=168 spill=0\u{1b}[0m\n"
        ),
        5 => format!(
            "INFO 11-20 12:0{}:11 [loggers.py:123] Engine 000: Avg prompt throughput: {n}.1 tokens/s, GPU KV cache usage: \
             {}.4%, Prefix cache hit rate: 41.0%\n",
            n % 10,
            n % 100
        ),
        _ => format!(
            "{TRACE}ValueError: expected {n} tokens, and the memory of the test fixture holds out of order items\n"
        ),
    }
}

/// A progress bar, which overwrites itself.
fn bar(n: u64) -> String {
    let mut line = String::new();
    for percent in [10, 20, 30, 40, 50] {
        let done = "#".repeat(percent / 5);
        let _ = write!(
            line,
            "\rEpoch 3:  {percent}%|{done:20}| {}/1000 [00:{percent}<01:12, 9.8it/s, loss=0.{n}]",
            percent * 10
        );
    }
    line + "\n"
}

fn stamp(log: &mut Vec<u8>, number: u64, text: &str) {
    for line in text.split_inclusive('\n') {
        let (minute, second) = (number / 60 % 60, number % 60);
        let part = number.wrapping_mul(7919) % 10_000_000;
        let time = format!("2026-11-20T12:{minute:02}:{second:02}.{part:07}Z ");
        log.extend_from_slice(time.as_bytes());
        log.extend_from_slice(line.as_bytes());
    }
}

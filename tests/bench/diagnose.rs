//! How long one message takes, and a log of 200 MiB: `cargo bench`.

#[path = "made.rs"]
mod made;

use divan::Bencher;
use divan::counter::BytesCount;
use made::MESSAGE;

const SIZE: usize = 200 << 20;

fn main() {
    divan::main();
}

#[divan::bench]
fn one_message(bencher: Bencher<'_, '_>) {
    bencher.bench(|| whyoom::diagnose("pasted", divan::black_box(MESSAGE).as_bytes()));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_log_of_200_mib(bencher: Bencher<'_, '_>) {
    let log = made::log(SIZE, 1);
    bencher
        .counter(BytesCount::of_slice(&log))
        .bench_local(|| whyoom::diagnose("log", divan::black_box(&log)));
}

//! What launchers and waiting ranks print after a rank has died: torchrun's summary and signals, NCCL's watchdog.

use std::sync::LazyLock;

use crate::text::Words;

/// Each stands in a line that only tells what followed from a failure.
pub(crate) const CONSEQUENCES: [&str; 10] = [
    "ChildFailedError",
    "closing signal SIGTERM",
    "via signal SIGTERM",
    "Signal 15 (SIGTERM)",
    "Root Cause (first observed failure)",
    "Watchdog caught collective operation timeout",
    "has timed out or is aborted",
    "Horovod has been shut down",
    "EngineCore failed to start",
    "Engine core initialization failed",
];

static ANY: LazyLock<Words> = LazyLock::new(|| Words::new(&CONSEQUENCES));

/// True where a line only tells what followed from a failure.
pub(crate) fn only_follows(text: &str) -> bool {
    ANY.stand_in(text)
}

/// True where one of many lines does: they are looked through together, as to begin with each takes longer than to read it.
pub(crate) fn some_follow<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    /// So much of them is put together at once.
    const PART: usize = 16 << 10;
    let mut part = String::new();
    for line in lines {
        if part.len() >= PART {
            if only_follows(&part) {
                return true;
            }
            part.clear();
        }
        // None of the words goes over the end of a line.
        part.push_str(line);
        part.push('\n');
    }
    only_follows(&part)
}

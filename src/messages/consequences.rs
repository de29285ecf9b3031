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

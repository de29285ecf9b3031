//! Every case and what comes of it, read once for all tests that look at reports.

use std::sync::LazyLock;

use crate::cases::{self, Case};
use whyoom::{Diagnosis, diagnose};

/// Each case as `log.txt`.
pub(crate) static ALONE: LazyLock<Vec<(Case, Diagnosis)>> = LazyLock::new(|| {
    let read = |case: Case| {
        let diagnosis = cases::read(&case.log);
        (case, diagnosis)
    };
    Case::all().into_iter().map(read).collect()
});

/// Each case under a name of its own, as logs of one run have one.
pub(crate) static NAMED: LazyLock<Vec<Diagnosis>> = LazyLock::new(|| {
    let read = |case: Case| diagnose(&format!("logs/{}.txt", case.name), &case.log);
    Case::all().into_iter().map(read).collect()
});

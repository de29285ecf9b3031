//! Each worker of pytest-xdist is a process with its own copy of what the tests load.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Part};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerTestWorkers,
    cost: "a longer test run",
    page: include_str!("fewer-test-workers.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let who = &s.incident.who;
    let worker = who
        .get(Part::Worker)
        .filter(|worker| worker.starts_with("gw"));
    worker.or_else(|| who.get(Part::Workers))?;
    Some(Offer::unmeasured(
        "pytest -n 1\n# or all GPU tests in one worker: --dist loadgroup and @pytest.mark.xdist_group(\"gpu\")",
    ))
}

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
    if let Some(offer) = half(s) {
        return Some(offer);
    }
    if worker.or_else(|| who.get(Part::Workers)).is_some() {
        return Some(Offer::unmeasured(
            "pytest -n 1\n# or all GPU tests in one worker: --dist loadgroup and @pytest.mark.xdist_group(\"gpu\")",
        ));
    }
    None
}

/// Of what was killed: its command names how many there were.
fn half(s: &Situation<'_>) -> Option<Offer> {
    let program = s.incident.who.get(Part::Program);
    let command = program.filter(|_| s.incident.kill.is_some())?;
    let (_, workers) = command
        .split_once("pytest")
        .and_then(|(_, rest)| rest.split_once(" -n "))?;
    let workers: u32 = workers.split(' ').next()?.parse().ok()?;
    (workers > 1).then(|| {
        let fewer = workers / 2;
        Offer::unmeasured(format!(
            "pytest -n {fewer}\n# {workers} in the log; each loads its own copy of what the tests need"
        ))
    })
}

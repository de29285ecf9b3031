//! A process of an earlier run still holds the device.

use crate::bytes::GIB;
use crate::evidence::{FindingId, Phase};
use crate::findings::measures::foreign;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::StaleProcess,
    cause: Cause::Contention,
    page: include_str!("stale-process.md"),
    fixes: fixes![stop_other_process, run_it_again, choose_another_gpu],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    foreign::foreign_holds(case)?;
    let live = case.balance.live?;
    if case.incident.phase != Some(Phase::Load)
        || live.high() > GIB
        || case.balance.others.is_none()
    {
        return None;
    }
    let because = format!(
        "This program had only {live} when it failed, still loading; what fills the GPU was there before it started."
    );
    let settle = "`nvidia-smi` after this program has ended: what is still listed is stale or somebody else's";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

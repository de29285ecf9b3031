//! Several ranks of one job sit on the same device.

use super::{Case, Cause, Finding, Verdict, sums};
use crate::fixes::{choose_another_gpu, set_device_by_local_rank, stop_other_process};

pub(super) static FINDING: Finding = Finding {
    id: "ranks-on-one-gpu",
    cause: Cause::Contention,
    title: "several ranks of one job sit on the same device",
    page: include_str!("ranks-on-one-gpu.md"),
    fixes: &[
        &set_device_by_local_rank::FIX,
        &stop_other_process::FIX,
        &choose_another_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let (confidence, held) = sums::foreign_holds(case)?;
    let mut pids: Vec<u32> = case
        .incident
        .processes
        .iter()
        .filter(|p| !p.own)
        .filter_map(|p| p.pid)
        .collect();
    pids.sort_unstable();
    // A launcher starts its ranks one after the other, so their ids lie side by side.
    let side_by_side = pids
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if b - a <= 8));
    if !side_by_side {
        return None;
    }
    let list = pids
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let because = format!(
        "Processes {list} hold {held} of this device, and their ids lie side by side as those of one job's ranks do."
    );
    let settle = format!(
        "ps -o pid,ppid,cmd -p {}: one parent means one job",
        list.replace(", ", ",")
    );
    Some(sums::settled_by(confidence, because, &settle))
}

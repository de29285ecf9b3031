//! Whether the processes that hold a device are of one job: ranks, workers, children. Nobody may be told to end those.

use std::collections::BTreeSet;

use crate::bytes::human;
use crate::evidence::{Flag, Part, SettingKind, side_by_side};
use crate::findings::Case;

/// What tells that they are of one job.
pub(in crate::findings) struct Siblings {
    /// As a sentence.
    pub(in crate::findings) because: String,
    /// False where others may as well be a job of somebody else's.
    pub(in crate::findings) likely: bool,
}

/// What tells that the other holders are of this very job; `None` where nothing does.
pub(in crate::findings) fn of(case: &Case<'_>) -> Option<Siblings> {
    // Who watched the GPU knows whose each process is, and need not go by numbers.
    let watched = case.incident.at_failure.is_some();
    started(case)
        .or_else(|| alike(case).filter(|_| !watched))
        .or_else(|| numbered(case).filter(|_| !watched))
}

/// Workers that each load the same model hold about the same, this one among them.
fn alike(case: &Case<'_>) -> Option<Siblings> {
    let held = || case.incident.processes.iter().map(|p| p.bytes.mid());
    let (least, most) = (held().min()?, held().max()?);
    let count = held().count();
    // One of them is this process: the list leaves no other place for what it holds.
    let reserved = case.balance.reserved?.mid();
    let hidden = case.incident.flagged(Flag::SelfListed) && case.balance.own.is_none();
    let ours = hidden && least >= reserved / 20 * 19;
    let range = match (human(least), human(most)) {
        (least, most) if least == most => least,
        (least, most) => format!("{least} to {most}"),
    };
    (ours && count > 1 && least >= most / 20 * 17).then(|| Siblings {
        because: format!(
            "{count} processes hold about the same, {range}, and this one is among them: workers that each load their own copy."
        ),
        likely: true,
    })
}

/// The log names what starts several processes of this job.
fn started(case: &Case<'_>) -> Option<Siblings> {
    let setting = case.incident.settings.get(SettingKind::Siblings)?;
    let because = format!(
        "The job runs in several processes ({}, line {}), and this GPU is one of those that they share.",
        setting.value, setting.line
    );
    Some(Siblings {
        because,
        likely: true,
    })
}

/// True where a launcher was told to start several ranks, or the stack is one of a rank's.
fn launched(case: &Case<'_>) -> bool {
    let stack = &case.incident.traceback;
    let several = case
        .incident
        .settings
        .get(SettingKind::Gpus)
        .is_some_and(|told| {
            told.name.contains("nproc") && told.value.parse::<u32>().is_ok_and(|n| n > 1)
        });
    several
        || stack.runs("init_process_group")
        || stack.mentions("torch/nn/parallel/distributed.py")
}

/// A launcher starts its ranks one after the other, so their numbers lie side by side.
fn numbered(case: &Case<'_>) -> Option<Siblings> {
    let processes = &case.incident.processes;
    let own = processes.iter().find(|p| p.own).and_then(|p| p.pid);
    let listed = || processes.iter().filter_map(|p| p.pid);
    // An actor of Ray tells its own number before each of its lines.
    let told = || case.incident.who.get(Part::Pid)?.parse().ok();
    let near = |told: &u32| {
        let pairs = side_by_side(listed().chain([*told]));
        pairs.iter().any(|(a, b)| a == told || b == told)
    };
    let own = own.or_else(|| told().filter(near));
    let pids = || listed().chain(own);
    let pairs = side_by_side(pids());
    pairs.first()?;
    // Where the own number is not known, it fits into a gap, or all of it is a container that hides what each holds.
    let beside = own.is_some_and(|own| pairs.iter().any(|(a, b)| *a == own || *b == own));
    let gap = own.is_none() && pairs.iter().any(|(a, b)| b - a > 1);
    let hidden = processes.iter().all(|p| p.bytes.high() == 0);
    let likely = beside || gap || hidden || case.incident.rank.is_some() || launched(case);
    let pids: BTreeSet<u32> = pids().collect();
    let list: Vec<String> = pids.iter().map(u32::to_string).collect();
    let because = format!(
        "Processes {} have neighbouring numbers, as the ranks or workers of one job do.",
        list.join(", ")
    );
    Some(Siblings { because, likely })
}

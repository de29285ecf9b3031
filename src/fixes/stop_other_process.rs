//! Memory of another process comes free only when that process ends or lets go of it.

use super::{Fix, Offer, Situation, gpus, rivals};
use crate::evidence::{FindingId, FixId, Flag, SettingKind, side_by_side};

pub(crate) static FIX: Fix = Fix {
    id: FixId::StopOtherProcess,
    cost: "the work of that process",
    page: include_str!("stop-other-process.md"),
    offer,
};

/// As many ids as fit on a line; who holds most is named first.
const NAMED: usize = 4;
/// So much of a command fits on a line of the report.
const ONE_LINE: usize = 74;

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let offer = by_the_log(s)?;
    match s.gpus() {
        Some(now) => gpus::stop(now, offer),
        None => Some(offer),
    }
}

/// The offer by what the log alone tells.
pub(super) fn by_the_log(s: &Situation<'_>) -> Option<Offer> {
    // Of the processes that it lists, one is the failing one itself, and nothing tells which.
    if s.incident.flagged(Flag::SelfListed) || s.little_is_taken() {
        return None;
    }
    if let Some(offer) = of_this_container(s) {
        return Some(offer);
    }
    if let Some(offer) = rivals::of_the_desktop(s) {
        return Some(offer);
    }
    let pids = rivals::of(s);
    // Where a listed process is the own one or of the same job, what "others" hold is not theirs to give.
    let unclear = s
        .incident
        .processes
        .iter()
        .any(|p| !p.own && p.pid.is_some_and(|pid| !pids.contains(&pid)));
    let foreign = s.balance.foreign().filter(|f| f.high() > 0 && !unclear);
    // Without a process, or memory that nobody accounts for, there is nobody to stop.
    let asked = [
        FindingId::OtherProcess,
        FindingId::StaleProcess,
        FindingId::NoRoomForContext,
    ]
    .contains(&s.finding);
    if pids.is_empty() && foreign.is_none() && !asked {
        return None;
    }
    let mut how = match pids.as_slice() {
        [] if s.distributed() => format!(
            "{}  # who is it? then end only what is not of this job\n# an engine that the job itself runs on this GPU takes a share of it: lower that",
            s.accelerator().monitor()
        ),
        [] => rivals::look_first(s),
        pids if s.distributed() || of_one_job(pids) => who_are_these(pids),
        pids => end_these(s, pids),
    };
    if s.has(SettingKind::Container) {
        how.push_str("\n# on the host: the ids are the host's, not the container's");
    }
    // A checkpoint that goes back to the GPU that it was saved from can go to the host instead.
    let restores = ["_cuda_deserialize", "torch.load("];
    if restores.iter().any(|word| s.incident.traceback.runs(word)) {
        return Some(Offer::unmeasured(how));
    }
    let listed = s.balance.others.filter(|_| !pids.is_empty() && !unclear);
    Some(Offer::winning(how, listed.or(foreign), s))
}

/// Process 1 is what the container runs, and so of this program: its server, whose worker this is, or its notebook.
fn of_this_container(s: &Situation<'_>) -> Option<Offer> {
    let mut listed = s.incident.processes.iter();
    let first = listed.find(|process| process.runs_the_container())?;
    let how = format!(
        "run one process of the program for each GPU  # fewer workers of the server; load the model after the fork\n# process 1 is the container's own program, and holds {} itself",
        first.bytes
    );
    let offer = Offer::winning(how, Some(first.bytes), s);
    Some(
        offer
            .titled("Let one process of the container use the GPU".to_owned())
            .costing("fewer requests at once"),
    )
}

/// True where two have neighbouring numbers, as the ranks or workers of one job do.
fn of_one_job(pids: &[u32]) -> bool {
    !side_by_side(pids.iter().copied()).is_empty()
}

/// What tells who these are, where they can be processes of this job.
fn who_are_these(pids: &[u32]) -> String {
    let list: Vec<String> = pids.iter().take(NAMED).map(u32::to_string).collect();
    format!(
        "ps -o pid,ppid,user,etime,args -p {}\n# then end only what is not of this job: a rank or worker of it has the same parent",
        list.join(",")
    )
}

/// What shows who they are, and behind it what ends them: a line that is copied from the report of an old log ends nobody.
fn end_these(s: &Situation<'_>, pids: &[u32]) -> String {
    let shown = pids.iter().take(NAMED).map(u32::to_string);
    let more = pids.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    let shown: Vec<String> = shown.collect();
    let (look, end) = if s.has(SettingKind::Windows) {
        let ends: Vec<String> = shown.iter().map(|pid| format!("/PID {pid}")).collect();
        (
            "tasklist".to_owned(),
            format!("taskkill {}", ends.join(" ")),
        )
    } else {
        let look = format!("ps -o pid,user,etime,args -p {}", shown.join(","));
        (look, format!("kill {}", shown.join(" ")))
    };
    let then = format!("# who is it? then: {end}{more}");
    let fits = look.len() + then.len() + 2 <= ONE_LINE;
    let between = if fits { "  " } else { "\n" };
    format!("{look}{between}{then}")
}

#[cfg(test)]
mod tests {
    use super::super::Enough;
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::bytes::{Bytes, GIB};
    use crate::evidence::Key;

    fn crowded() -> CaseBuilder {
        CaseBuilder::new()
            .finding(FindingId::OtherProcess)
            .fact(Key::Tried, 20)
            .fact(Key::Total, 1400)
            .fact(Key::Free, 5)
            .fact(Key::Allocated, 90)
            .fact(Key::ReservedUnallocated, 5)
            .fact(Key::ProcessInUse, 100)
    }

    #[test]
    fn the_listed_process_is_named_and_wins_what_it_holds() {
        let offer = crowded().process(552, 1290, false).ask(&FIX).unwrap();
        assert!(
            offer
                .how
                .starts_with("ps -o pid,user,etime,args -p 552  # who is it? then: kill 552")
        );
        assert_eq!(offer.gain, Some(Bytes::exact(129 * GIB)));
        assert_eq!(offer.enough, Enough::Yes);
    }

    #[test]
    fn the_own_process_is_never_to_be_killed() {
        let trial = crowded().process(77, 100, true).process(552, 1290, false);
        let how = trial.ask(&FIX).unwrap().how;
        assert!(how.contains("552") && !how.contains("77"), "{how}");
    }

    #[test]
    fn a_process_that_may_be_the_own_one_is_not_to_be_killed() {
        let trial = CaseBuilder::new()
            .fact(Key::Total, 147)
            .fact(Key::Allocated, 140)
            .fact(Key::ReservedUnallocated, 4)
            .process(4711, 146, false);
        assert_eq!(trial.ask(&FIX).map(|o| o.how.contains("4711")), None);
    }

    #[test]
    fn who_holds_most_is_named_first_and_windows_has_its_own_command() {
        let trial = crowded().process(101, 10, false).process(202, 900, false);
        let how = |trial: &CaseBuilder| trial.ask(&FIX).unwrap().how;
        assert!(how(&trial).ends_with("then: kill 202 101"));
        let windows = trial.set(SettingKind::Windows, "");
        assert!(how(&windows).ends_with("then: taskkill /PID 202 /PID 101"));
    }

    #[test]
    fn nobody_to_stop_is_no_offer() {
        assert_eq!(
            CaseBuilder::in_pieces()
                .fact(Key::ProcessInUse, 1240)
                .ask(&FIX),
            None
        );
    }
}

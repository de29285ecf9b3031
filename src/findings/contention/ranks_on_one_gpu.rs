//! Several ranks of one job sit on the same device.

use crate::bytes::{Bytes, human};
use crate::evidence::{FindingId, InTheWay, Kin, Memory, OneDevice, Part, Phase, contexts};
use crate::findings::measures::foreign;
use crate::findings::measures::siblings;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::RanksOnOneGpu,
    cause: Cause::Contention,
    page: include_str!("ranks-on-one-gpu.md"),
    fixes: fixes![
        fewer_test_workers,
        fewer_workers,
        load_checkpoint_on_cpu,
        set_device_by_local_rank,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    named_in_another_file(case)
        .or_else(|| named_by_another_rank(case))
        .or_else(|| seen_side_by_side(case))
        .or_else(|| of_the_same_job(case))
        .or_else(|| of_the_same_tests(case))
        .or_else(|| side_by_side(case))
        .or_else(|| bare_contexts(case))
        .or_else(|| workers_of_a_loader(case))
}

/// Code of the data set works on the GPU, in each of a `DataLoader`'s workers.
fn workers_of_a_loader(case: &Case<'_>) -> Option<Verdict> {
    let own = case.balance.live.zip(case.balance.total);
    let full = own.is_some_and(|(live, total)| live.high() > total.low() / 2);
    let bare = case.incident.memory == Memory::Device && case.incident.traceback.in_a_loader();
    let because = "It failed in a worker of a DataLoader: each worker is a process of its own, with its own CUDA context (0.3 to \
                   0.9 GiB) and its own copies, beside the program itself.";
    let settle = "the same with num_workers=0: does it pass?";
    (bare && !full).then(|| Verdict::settled_by(Confidence::Likely, because.to_owned(), settle))
}

/// The same, shown by the files of two ranks.
fn named_in_another_file(case: &Case<'_>) -> Option<Verdict> {
    let OneDevice {
        ranks: (a, b),
        device,
        held,
    } = case.incident.one_device?;
    let because = format!(
        "Ranks {a} and {b} both failed on GPU {device}, and the message of one lists a process of {held}: just what the other holds."
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// Two ranks failed on the same device, and one's message lists a process just as large as the other one is.
fn named_by_another_rank(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let first = incident.shares.first()?;
    let other = incident.shares.iter().skip(1).find(|share| {
        let listed = |own: Bytes| {
            incident
                .processes
                .iter()
                .any(|p| !p.own && own.meet(p.bytes).is_some())
        };
        share.device.is_some() && share.device == first.device && share.own.is_some_and(listed)
    })?;
    let because = format!(
        "Ranks {} and {} both failed on GPU {}, and the message of one lists a process of {}: just what the other holds.",
        first.rank, other.rank, other.device?, other.own?
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// Another line of the log names the rival as a process that this job started.
fn of_the_same_job(case: &Case<'_>) -> Option<Verdict> {
    let (_, held) = foreign::foreign_holds(case)?;
    let rival = case
        .incident
        .processes
        .iter()
        .find(|p| p.same_job && !p.own)?;
    let because = format!(
        "Other processes hold {held} of this GPU, and the log names one of them, {}, as a process of this very job.",
        rival.pid?
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// A test runner has several workers, which share the device unless somebody gives each its own.
fn of_the_same_tests(case: &Case<'_>) -> Option<Verdict> {
    let (confidence, held) = foreign::foreign_holds(case)?;
    let workers = case.incident.who.get(Part::Workers)?;
    let because = format!(
        "Other processes hold {held} of this GPU, and pytest-xdist ran the workers {workers} side by side."
    );
    let settle = "the same tests with pytest -n 1";
    Some(Verdict::settled_unless_proven(confidence, because, settle))
}

/// Processes of the program, with different ranks in their environment, were seen on this device.
fn seen_side_by_side(case: &Case<'_>) -> Option<Verdict> {
    let at = case.incident.at_failure.as_ref()?;
    if case.balance.free.is_some() {
        foreign::foreign_holds(case)?;
    }
    let ours = |h: &&InTheWay| matches!(h.kin, Some(Kin::Program | Kin::Child));
    let ranks = at.holders.iter().filter(ours).filter_map(|h| {
        let held = h.bytes.filter(|held| *held >= at.total / 20)?;
        Some((h.rank?, h.pid, held))
    });
    let mut ranks: Vec<(u32, u32, u64)> = ranks.collect();
    ranks.sort_unstable();
    let ([(first, ..), .., (last, ..)], true) = (ranks.as_slice(), at.free <= at.total / 5) else {
        return None;
    };
    if first == last {
        return None;
    }
    let named: Vec<String> = ranks
        .iter()
        .map(|(rank, pid, held)| format!("rank {rank} (process {pid}) held {}", human(*held)))
        .collect();
    let because = format!(
        "The GPU was watched: of the {} of GPU {}, {}.",
        human(at.total),
        at.gpu,
        named.join(" and ")
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// The log or the numbers of the processes tell that one job started them all.
fn side_by_side(case: &Case<'_>) -> Option<Verdict> {
    let (_, held) = foreign::foreign_holds(case)?;
    let siblings = siblings::of(case)?;
    let because = format!("{held} of this GPU belongs to others. {}", siblings.because);
    let settle = "`ps -o pid,ppid,cmd` for these processes: with one parent they are one job, with several they can be somebody else's";
    let confidence = if siblings.likely {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Verdict::settled_by(confidence, because, settle))
}

/// Ranks that opened a device which is not theirs leave a bare context on it.
fn bare_contexts(case: &Case<'_>) -> Option<Verdict> {
    let contexts = contexts::of_ranks(case.incident);
    let held = contexts.iter().map(|p| p.bytes).reduce(Bytes::plus)?;
    let short = case.balance.shortfall.filter(|short| short.low() > 0)?;
    if contexts.len() < 2 || !held.surely_at_least(short) {
        return None;
    }
    let because = format!(
        "{} processes with neighbouring numbers hold {held} of this GPU, each about what a bare CUDA context takes: ranks that \
         opened a GPU which is not theirs. Without them the request would have fitted.",
        contexts.len()
    );
    let settle = "`ps -o pid,ppid,cmd` for these processes: one parent means one job";
    // A model that fills the GPU while it comes in asks for more a moment later.
    let filled = case
        .balance
        .live
        .zip(case.balance.total)
        .is_some_and(|(live, total)| {
            case.incident.phase == Some(Phase::Load) && live.high() > total.low() / 20 * 17
        });
    let confidence = if filled {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    Some(Verdict::settled_by(confidence, because, settle))
}

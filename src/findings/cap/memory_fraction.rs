//! A limit below the device refused what the driver still had.

use crate::evidence::{FindingId, Flag, Version};
use crate::findings::measures::{record, room};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::MemoryFraction,
    cause: Cause::Cap,
    page: include_str!("memory-fraction.md"),
    fixes: fixes![
        raise_memory_cap,
        raise_engine_memory_share,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.flagged(Flag::PreemptiveLimit) {
        let because = "PyTorch refused before asking the driver: per_process_memory_fraction would have been exceeded.";
        return Some(Verdict::new(Confidence::Proven, because.to_owned()));
    }
    let balance = case.balance;
    if !room::cap_refused(case) {
        return untold(case).or_else(|| hidden(case));
    }
    let (limit, free, tried) = (balance.limit?, balance.free?, balance.tried?);
    let because = format!(
        "{free} is free on the GPU and {tried} was requested, but a limit of {limit} is set, and {} of it is taken.",
        balance.reserved.or(balance.live)?
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// A snapshot tells what the driver had free and no limits. The allocator asks the driver before it gives up, unless a limit forbids
/// it to (`alloc_block`), and a driver that has so much gives it.
fn untold(case: &Case<'_>) -> Option<Verdict> {
    if !room::refused_by_an_untold_limit(case) {
        return None;
    }
    let (tried, free, reserved) = (
        case.balance.tried?,
        case.balance.free?,
        case.balance.reserved?,
    );
    let because = format!(
        "{tried} was requested and the driver had {free} free. Only a limit on what PyTorch may reserve refuses that: one between {reserved} and {}.",
        reserved.plus(tried)
    );
    let settle = "a snapshot holds no limits: the message of the same failure tells it (\"allowed\"), or a search for set_per_process_memory_fraction";
    // What piles up reaches every limit.
    let confidence = match record::piles_up(case) {
        Some(_) => Confidence::Possible,
        None => Confidence::Likely,
    };
    Some(Verdict::settled_by(confidence, because, settle))
}

/// PyTorch 2.1 to 2.4 know the limit and do not print it (the argument was left out of the message in those wheels).
fn hidden(case: &Case<'_>) -> Option<Verdict> {
    let old = Version { major: 2, minor: 1 };
    let new = Version { major: 2, minor: 4 };
    let (from, to) = case.incident.settings.torch_range();
    if !room::had_room(case) || from < Some(old) || to.is_none_or(|to| to > new) {
        return None;
    }
    let (reserved, tried, total) = (
        case.balance.reserved?,
        case.balance.tried?,
        case.balance.total?,
    );
    // Somebody who sets a fraction sets a round one: a multiple of 5 % between what is reserved and what would have been.
    let fits = (1..20)
        .map(|n| total.percent(n * 5).mid())
        .any(|cap| reserved.mid() <= cap && cap < reserved.plus(tried).mid());
    let narrow = tried.mid() < total.percent(3).mid();
    let because = format!(
        "{} was free and {tried} was refused. These versions of PyTorch do not print a memory fraction; {reserved} reserved fits one.",
        case.balance.free?
    );
    let settle = "grep the code for set_per_process_memory_fraction, and the environment for per_process_memory_fraction";
    (fits && narrow).then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

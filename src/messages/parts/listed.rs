//! The processes that the native allocator's message lists, and which of them is the failing one itself.

use std::sync::LazyLock;

use crate::bytes::{self, Bytes, GIB, MIB};
use crate::evidence::{Fact, FactSource, Flag, Incident, Key, Process};
use crate::messages::Match;
use crate::messages::sizes::{Found, Sized};

/// No context of CUDA takes less.
const CONTEXT: u64 = 100 * MIB;

/// Reads "Process 552 has 119.34 GiB memory in use." and "this process has …" into the incident.
pub(in crate::messages) fn processes(hit: &Match<'_>, incident: &mut Incident) {
    for (found, who) in sentences(hit.folded) {
        let text = |range| hit.text.get(range);
        let unit = found.unit.and_then(text);
        let (Some(number), Some(unit)) = (text(found.number.clone()), unit) else {
            continue;
        };
        let Some(bytes) = bytes::parse(number, unit) else {
            continue;
        };
        let told = bytes.high() > 0 && !bytes.is_sentinel();
        let (bytes, text) = if told {
            (bytes, format!("{number} {unit}"))
        } else {
            (Bytes::ZERO, "not reported".to_owned())
        };
        incident.processes.push(Process {
            pid: match who {
                Who::Pid(digits) => digits.parse().ok(),
                Who::Own => None,
            },
            bytes,
            text,
            gpu: None,
            own: matches!(who, Who::Own),
            same_job: false,
            draws: false,
            line: (hit.line_number)(found.number.start),
        });
    }
    forget_unreported(incident);
    tell_self_apart(incident);
}

/// Whose memory a sentence tells.
enum Who<'a> {
    /// Another process's, by its id.
    Pid(&'a str),
    /// The failing one's.
    Own,
}

/// The sentences in a text in lower case.
fn sentences(folded: &str) -> impl Iterator<Item = (Found, Who<'_>)> {
    static HAS: LazyLock<Option<Sized>> = LazyLock::new(|| Sized::of("has{size}memoryinuse"));
    let all = HAS.iter().flat_map(|has| has.all(folded));
    all.filter_map(|found| {
        let before = folded.get(..found.start)?;
        if before.ends_with("thisprocess") {
            return Some((found, Who::Own));
        }
        let head = before.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = before.get(head.len()..).filter(|d| !d.is_empty())?;
        head.ends_with("process")
            .then_some((found, Who::Pid(digits)))
    })
}

/// NVML answers 0, or all ones, where it cannot tell what a process holds: in containers, under MIG and on Windows. No
/// process that holds tensors holds 0 bytes.
fn forget_unreported(incident: &mut Incident) {
    let facts = &incident.facts;
    let held = facts
        .get(Key::Allocated)
        .is_some_and(|bytes| bytes.high() > 0);
    let empty = |bytes: Bytes| bytes.is_sentinel() || held && bytes.high() == 0;
    if facts.get(Key::ProcessInUse).is_some_and(empty) {
        incident.facts.remove(Key::ProcessInUse);
    }
}

/// In a container without the host's process ids, NVML lists this very process under a foreign number (NVIDIA/nvidia-docker
/// issue 179). Two tests find it: no other place on the card is left for what we hold, or its size is ours plus a context.
pub(crate) fn tell_self_apart(incident: &mut Incident) {
    if incident.processes.iter().any(|p| p.own) {
        return;
    }
    let facts = &incident.facts;
    let idle = facts
        .get(Key::ReservedUnallocated)
        .or_else(|| facts.get(Key::CachedAsPrinted));
    let reserved = facts
        .get(Key::Reserved)
        .or_else(|| Some(facts.get(Key::Allocated)?.plus(idle.unwrap_or(Bytes::ZERO))));
    let listed = incident.processes.iter().map(|p| p.bytes);
    let listed = listed
        .reduce(Bytes::plus)
        .filter(|listed| listed.high() > 0);
    let room = match (facts.get(Key::Total), facts.get(Key::Free), listed) {
        (Some(total), Some(free), Some(listed)) => Some(total.minus(free).minus(listed)),
        _ => None,
    };
    // Nothing that is listed leaves room even for this process's own context: one of them is it.
    let among_them = room.is_some_and(|room| room.high() < CONTEXT);
    let Some(reserved) = reserved.or_else(|| among_them.then_some(Bytes::exact(CONTEXT))) else {
        return;
    };
    let no_other_place = among_them || room.is_some_and(|room| reserved.surely_over(room));
    let ours = |p: &Process| {
        p.bytes.high().saturating_add(32 * MIB) >= reserved.low()
            && (no_other_place || p.bytes.low() <= reserved.high().saturating_add(GIB + GIB / 2))
    };
    // Where there is no other place for what we hold and several could be it, the one that is ours and a context is.
    let near =
        |p: &Process| ours(p) && p.bytes.low() <= reserved.high().saturating_add(GIB + GIB / 2);
    let sole = incident.processes.iter().filter(|p| ours(p)).count() == 1;
    let fits = |p: &Process| if sole { ours(p) } else { near(p) };
    let candidates = incident.processes.iter().filter(|p| fits(p)).count();
    if candidates != 1 && no_other_place {
        incident.flags.insert(Flag::SelfListed);
    }
    if candidates != 1 || reserved.high() < 256 * MIB && !among_them {
        return;
    }
    let Some(found) = incident.processes.iter_mut().find(|p| fits(p)) else {
        return;
    };
    found.own = true;
    let (bytes, line, text) = (found.bytes, found.line, found.text.clone());
    incident.facts.insert(
        Key::ProcessInUse,
        Fact {
            bytes,
            text,
            line,
            source: FactSource::Message,
        },
    );
}

//! One killed process has several witnesses: the kernel, a scheduler, a shell, a launcher, a runner. Together they are one
//! failure, and the best of them decides what is said of it.

use super::{MOST_CONSEQUENCES, near};
use crate::evidence::{Flag, Incident, Kill, Memory, MessageId, Part, Witness};

/// True where two sightings tell of one kill: they stand close, and no two who know better name different processes.
pub(super) fn same(earlier: &Incident, later: &Incident) -> bool {
    let (Some(first), Some(second)) = (&earlier.kill, &later.kill) else {
        return false;
    };
    let both_know = first.witness == Witness::Keeper && second.witness == Witness::Keeper;
    near(earlier, later) && !(both_know && apart(earlier, later))
}

/// True where both name a process or a pod, and not the same; processes of one control group die together.
fn apart(a: &Incident, b: &Incident) -> bool {
    let differ = |part| match (a.who.get(part), b.who.get(part)) {
        (Some(a), Some(b)) => Some(a != b),
        _ => None,
    };
    if differ(Part::Pod) == Some(true) || differ(Part::Container) == Some(true) {
        return true;
    }
    if differ(Part::Cgroup) == Some(false) || differ(Part::Step) == Some(false) {
        return false;
    }
    // Two numbered steps are two programs, one after the other; the batch script is a step around them.
    let numbered = |incident: &Incident| {
        let (_, step) = incident.who.get(Part::Step)?.split_once('.')?;
        step.parse::<u64>().ok()
    };
    if let (Some(a), Some(b)) = (numbered(a), numbered(b)) {
        return a != b;
    }
    let job = |incident: &Incident| -> Option<String> {
        let who = &incident.who;
        let named = who.get(Part::Step).or_else(|| who.get(Part::Job))?;
        named.split('.').next().map(str::to_owned)
    };
    match (job(a), job(b)) {
        (Some(a), Some(b)) => return a != b,
        (None, None) => {}
        _ => return false,
    }
    differ(Part::Pid) == Some(true) && a.format == b.format
}

/// So few lines below its kill the result of a unit stands.
const RESULT: u64 = 8;

/// True where the later is the same kill told on: both name something that dies once, a process, a step, an executor; or it is the
/// code with which each program ends whose child did.
pub(super) fn told_on(earlier: &Incident, later: &Incident) -> bool {
    const ONCE: [Part; 3] = [Part::Pid, Part::Step, Part::Worker];
    let same = |part| {
        let name = later.who.get(part);
        name.is_some() && name == earlier.who.get(part)
    };
    // systemd tells of the kill, and then of the result.
    let result = earlier.format == MessageId::ServiceOom
        && earlier.format == later.format
        && later.place.line.saturating_sub(earlier.place.line) < RESULT;
    // An operator says that a pod failed, and that it starts again.
    let last = earlier.echoes.last().copied();
    let last = last.unwrap_or(earlier.place.line);
    let restarted = earlier.format == MessageId::KubernetesOom
        && earlier.format == later.format
        && same(Part::Pod)
        && later.place.line.saturating_sub(last) < RESULT;
    result
        || restarted
        || matches!(
            later.format,
            MessageId::Exit137
                | MessageId::CiExit137
                | MessageId::MarkedExit137
                | MessageId::QuotedExit137
        )
        || ONCE.into_iter().any(same)
}

/// Counts `later` as another witness of `earlier`: the stronger one's words stand, the other's line only follows, and what
/// each knows is kept.
pub(super) fn join(earlier: &mut Incident, mut later: Incident) {
    let ended = earlier.caught && !later.caught;
    if ended || strength(&later) > strength(earlier) {
        std::mem::swap(earlier, &mut later);
    }
    // What ran on at first was ended in the end.
    earlier.caught &= later.caught;
    earlier.echoes.push(later.place.line);
    earlier.echoes.append(&mut later.echoes);
    earlier.echoes.sort_unstable();
    earlier.consequences.append(&mut later.consequences);
    earlier.consequences.sort_unstable();
    earlier.consequences.dedup();
    earlier.consequences.truncate(MOST_CONSEQUENCES);
    for (key, fact) in later.facts.iter() {
        if earlier.facts.get(key).is_none() {
            earlier.facts.insert(key, fact.clone());
        }
    }
    if later.only_signal() || earlier.who.get(Part::Pid).is_none() {
        // The pid of a container's own numbering is another one than the kernel's.
        earlier.who.join(&later.who);
    } else {
        let names = later.who.iter().filter(|(part, _)| *part != Part::Pid);
        let names: Vec<_> = names.map(|(part, name)| (part, name.to_owned())).collect();
        for (part, name) in names {
            earlier.who.add(part, name);
        }
    }
    if later.flagged(Flag::Cgroup) {
        earlier.flags.insert(Flag::Cgroup);
    }
    earlier.rank = earlier.rank.or(later.rank);
    if earlier.run.step.is_none() {
        earlier.run = later.run;
    }
    if earlier.traceback.frames.is_empty() {
        earlier.traceback = later.traceback;
        earlier.frame = later.frame;
    }
    earlier.phase = earlier.phase.or(later.phase);
    if let (Some(kill), Some(other)) = (&mut earlier.kill, later.kill) {
        kill.keepers.extend(other.keepers);
        kill.witness = kill.witness.max(other.witness);
        kill.asked = kill.asked.take().or(other.asked);
        for (keeper, count) in other.side_by_side {
            kill.side_by_side.entry(keeper).or_insert(count);
        }
    }
}

/// What a witness is worth: who says it, then how many figures it brings.
fn strength(incident: &Incident) -> (Option<Witness>, usize) {
    let witness = incident.kill.as_ref().map(|kill: &Kill| kill.witness);
    (witness, incident.facts.iter().count())
}

/// True where a bare signal is only what the end of an earlier failure looks like from outside.
pub(super) fn ends(earlier: &Incident, later: &Incident) -> bool {
    let failed = earlier.memory == Memory::Device || earlier.kill.is_none();
    failed && later.only_signal() && near(earlier, later)
}

//! Grid Engine's record of a job that was ended at one of its limits, where it was the memory.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, cached};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::GridEngineLimit,
    printed_by: "Grid Engine qacct (accounting(5)): \"failed 37\"",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["h_vmem limit"],
    head: r"failed37:qmasterenforcedh_rt,h_cpu,orh_vmemlimit",
    accepts: Some(accepts),
    reach: 900,
    more: Some(more),
    examples: &[
        Example(
            "failed       37  : qmaster enforced h_rt, h_cpu, or h_vmem limit\nexit_status  137                  (Killed)\nmaxvmem      32.004GB\nhard_resources h_vmem=32G,gpu=1",
            &[(Key::ProcessInUse, "32.004 GB"), (Key::Limit, "32 G")],
        ),
        Example(
            "failed       37  : qmaster enforced h_rt, h_cpu, or h_vmem limit\nmaxvmem      7.900G\ncategory     -l h_vmem=8G",
            &[(Key::ProcessInUse, "7.900 G"), (Key::Limit, "8 G")],
        ),
    ],
    ..Message::EMPTY
};

/// The most that the job held, and what it asked for.
const MAXVMEM: &str = r"maxvmem(\d[\d.]*)([KMGT]B?)";
const H_VMEM: &str = r"[,a-z]h_vmem=(\d[\d.]*)([KMGT])";

/// It has one word for three limits: it was memory where the job held nearly what it asked for, and else it was the time.
fn accepts(hit: &Match<'_>) -> bool {
    let size = |pattern: &'static str| {
        let found = cached(pattern)?.captures(hit.text)?;
        let (number, unit) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        crate::bytes::parse(number, unit)
    };
    let nearly = |held: u64| held.saturating_add(held / 32);
    // Each slot has so much (sge_queue_conf(5)).
    size(MAXVMEM)
        .zip(size(H_VMEM))
        .is_some_and(|(held, limit)| nearly(held.high()) >= limit.low().saturating_mul(slots(hit)))
}

/// The row `slots 8` above the reason.
fn slots(hit: &Match<'_>) -> u64 {
    let rows = hit.lines_above().take(ABOVE);
    let mut slots = rows.filter_map(|line| line.strip_prefix("slots ")?.trim().parse().ok());
    slots.next().unwrap_or(1)
}

/// So long is a record above its reason.
const ABOVE: usize = 30;

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::GridEngine]);
    told::size(hit, incident, (Key::ProcessInUse, hit.text), MAXVMEM);
    if slots(hit) == 1 {
        told::size(hit, incident, (Key::Limit, hit.text), H_VMEM);
    }
    of_the_record(hit, incident);
}

/// The rows above the reason: `hostname gpu07`, `jobnumber 48121`.
fn of_the_record(hit: &Match<'_>, incident: &mut Incident) {
    for line in hit.lines_above().take(ABOVE) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("hostname"), Some(name)) => incident.who.add(Part::Host, name),
            (Some("jobnumber"), Some(number)) => incident.who.add(Part::Job, number),
            (Some(rule), _) if rule.starts_with("======") => return,
            _ => {}
        }
    }
}

//! Flux's word that tasks of a job were killed at the limit of its control group.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::FluxOom,
    printed_by: "flux-framework/flux-core src/shell/oom.c (flux-core pull request 6289)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["cgroup out of memory: killed "],
    head: r"Memorycgroupoutofmemory:killed\d{1,9}tasks?(?:on[a-z0-9.-]{1,100})?\.",
    reach: 300,
    more: Some(more),
    examples: &[Example(
        "flux-shell[0]: ERROR: oom: Memory cgroup out of memory: killed 1 task on gpu4.\nflux-shell[0]: ERROR: oom: memory.peak = 15.5G",
        &[(Key::ProcessInUse, "15.5 G")],
    )],
    texts: &["12.301s: flux-shell[3]: ERROR: oom: Memory cgroup out of memory: killed 2 tasks."],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Flux]);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"memory\.peak=(\d[\d.]*)([KMGT])",
    );
    // The next record may stand behind it.
    told::name_in(
        hit.text,
        incident,
        Part::Host,
        r"tasks?on([a-z0-9.-]{1,100}?)\.(?:\d{1,9}\.\d+s:)?(?:flux-|$)",
    );
}

//! "Killed signal terminated program cc1plus": a compiler took more than the host had, as builds of kernels do.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CompilerKilled,
    printed_by: "GCC: gcc/gcc.cc (execute); before GCC 9 \"internal compiler error: Killed (program cc1plus)\"",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "Killed signal terminated program",
        "internal compiler error: Killed",
    ],
    head: r"(?:fatalerror:)?Killedsignalterminatedprogram[a-z0-9]{2,20}|internalcompilererror:Killed\(program",
    reach: 200,
    more: Some(more),
    examples: &[
        Example(
            "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
            &[],
        ),
        Example(
            "c++: internal compiler error: Killed (program cc1plus)",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::OomKiller);
}

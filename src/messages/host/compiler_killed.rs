//! "Killed signal terminated program cc1plus": a compiler took more than the host had, as builds of kernels do.

use crate::evidence::{FactSource, Framework, Incident, Memory};
use crate::messages::{Compiled, Example, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "compiler-killed",
    printed_by: "GCC: gcc/gcc.cc (execute); before GCC 9 \"internal compiler error: Killed (program cc1plus)\"",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::System,
    signatures: &[
        "Killed signal terminated program",
        "internal compiler error: Killed",
    ],
    head: r"(?:fatalerror:)?Killedsignalterminatedprogram[a-z0-9]{2,20}|internalcompilererror:Killed\(program",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
            reads: &[],
        },
        Example {
            text: "c++: internal compiler error: Killed (program cc1plus)",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.marks.push(marks::OOM_KILLER);
}

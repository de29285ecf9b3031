//! "Killed signal terminated program cc1plus": a compiler took more than the host had, as builds of kernels do.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CompilerKilled,
    printed_by: "GCC: gcc/gcc.cc (execute), collect2; clang Driver; nvcc; cargo; before GCC 9 \"internal compiler error: Killed (program cc1plus)\"",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "Killed signal terminated program",
        "internal compiler error: Killed",
        "died due to signal 9",
        "unable to execute command: Killed",
        "terminated with signal 9",
        "(signal: 9, SIGKILL",
    ],
    head: r"(?:fatalerror:)?Killedsignalterminatedprogram(?:cc1plus|cc1obj|cc1|lto1|f951|collect2|[a-z0-9]{2})|internalcompilererror:Killed\(program|'[a-z0-9_+-]{2,20}'diedduetosignal9|unabletoexecutecommand:Killed|ldterminatedwithsignal9|\(signal:9,SIGKILL:kill\)",
    reach: 200,
    more: Some(more),
    examples: &[
        Example(
            "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
            &[],
        ),
        Example(
            "nvcc error   : 'cicc' died due to signal 9 (Kill signal)",
            &[],
        ),
        Example(
            "collect2: fatal error: ld terminated with signal 9 [Killed]",
            &[],
        ),
        Example(
            "c++: internal compiler error: Killed (program cc1plus)",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::guess(incident, &[Keeper::Compiler]);
    told::name(
        hit,
        incident,
        Part::Process,
        r"terminatedprogram(cc1plus|cc1obj|cc1|lto1|f951|collect2)",
    );
    told::name(
        hit,
        incident,
        Part::Process,
        r"'([a-z0-9_+-]{2,20})'diedduetosignal",
    );
}

//! "Killed signal terminated program cc1plus": a compiler took more than the host had, as builds of kernels do.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CompilerKilled,
    printed_by: "GCC: gcc/gcc.cc (execute), collect2; clang Driver; nvcc; cargo; before GCC 9 \"internal compiler error: Killed (program cc1plus)\"",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "Killed signal terminated program",
        "internal compiler error: Killed",
        // No digits: viewers of logs make numbers bold.
        "died due to signal",
        "unable to execute command: Killed",
        "terminated with signal",
        "SIGKILL: kill)",
    ],
    head: r"(?:fatalerror:)?Killedsignalterminatedprogram(?:cc1plus|cc1obj|cc1|lto1|f951|collect2|[a-z0-9]{2})|internalcompilererror:Killed\(program|'[a-z0-9_+-]{2,20}'diedduetosignal9|unabletoexecutecommand:Killed|ldterminatedwithsignal9|\(signal:9,SIGKILL:kill\)",
    reach: 200,
    more: Some(more),
    texts: &[
        "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
        "nvcc error   : 'cicc' died due to signal 9 (Kill signal)",
        "collect2: fatal error: ld terminated with signal 9 [Killed]",
        "c++: internal compiler error: Killed (program cc1plus)",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.folded.starts_with("(signal:9") {
        of_cargo(hit, incident);
        return;
    }
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

/// "process didn't exit successfully: `rustc --crate-name fit …` (signal: 9, SIGKILL: kill)": cargo says it of compilers, and of the
/// program or the test that it runs.
fn of_cargo(hit: &Match<'_>, incident: &mut Incident) {
    const COMPILERS: [&str; 3] = ["rustc", "clippy-driver", "build-script-build"];
    let command = hit.line_text.split_once('`').map_or("", |(_, rest)| rest);
    let command = command.split([' ', '`']).next().unwrap_or_default();
    let name = command.rsplit('/').next().unwrap_or_default();
    if !name.is_empty() && !COMPILERS.contains(&name) {
        told::signal(incident, &[]);
        incident.who.add(Part::Process, name);
        return;
    }
    told::guess(incident, &[Keeper::Compiler, Keeper::Cargo]);
    if !name.is_empty() {
        incident.who.add(Part::Process, name);
    }
}

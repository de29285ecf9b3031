//! Exit code 137 in quotes, as the tasks of Azure Pipelines write it.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::QuotedExit137,
    printed_by: "microsoft/azure-pipelines-tasks Tasks/BashV3 and PowerShellV2; programs of the same words",
    memory: Memory::Host,
    framework: Program::System,
    // The last two announce what is read as another message when its colours are gone: rich and viewers of logs colour numbers.
    signatures: &["with code '", "code \u{1b}[", "code: \u{1b}["],
    head: r"exitedwith(?:exit)?code'137'",
    accepts: Some(|hit| matches!(hit.line_after(), "" | "." | "\"" | "\"}" | ".\"" | ".\"}")),
    reach: 100,
    more: Some(more),
    texts: &[
        "##[error]Bash exited with code '137'.",
        "##[error]PowerShell exited with code '137'.",
        "Process exited with code '137'.",
    ],
    silent: &[
        // A page that explains the code is no failure.
        "The container exits with code '137' when memory runs out.",
        "A job that exited with code '137' was killed.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let before = hit.line_before();
    let azure = before.ends_with("Bash") || before.ends_with("PowerShell");
    told::signal(incident, if azure { &[Keeper::Azure] } else { &[] });
}

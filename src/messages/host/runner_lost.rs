//! "lost communication with the server": GitHub's runner stopped answering, and a lack of memory is one of three reasons for it.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RunnerLost,
    printed_by: "GitHub Actions, for a runner that sends no more heartbeats",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "lost communication with the server",
        "starves it for CPU/Memory",
    ],
    head: r"runner:?[!-~]{0,80}?lostcommunicationwiththeserver",
    reach: 500,
    more: Some(more),
    examples: &[
        Example(
            "The self-hosted runner: gpu-3 lost communication with the server. Verify the machine is running and has a healthy network connection.",
            &[],
        ),
        Example(
            "The hosted runner: GitHub Actions 9 lost communication with the server. Anything in your workflow that terminates the runner process, starves it for CPU/Memory, or blocks its network access can cause this error.",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    told::signal(incident, &[Keeper::Github]);
}

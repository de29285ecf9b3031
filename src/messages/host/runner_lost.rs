//! "lost communication with the server": a runner of GitHub or an agent of Azure stopped answering, and a lack of memory is one of the
//! reasons for it.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RunnerLost,
    printed_by: "GitHub Actions, for a runner that sends no more heartbeats; Azure Pipelines, for an agent (learn.microsoft.com, \"Troubleshoot pipeline runs\"); Jenkins (workflow-durable-task-step DurableTaskStep.java)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "lost communication with the server",
        "starves it for CPU/Memory",
        "stopped hearing from agent",
        "remoting.ChannelClosedException",
    ],
    head: r"runner:?[!-~]{0,80}?lostcommunicationwiththeserver|Cannotcontact[!-~]{1,100}?:hudson\.remoting\.ChannelClosedException|Westoppedhearingfromagent[!-~]{1,80}?\.Verifytheagentmachine",
    reach: 500,
    more: Some(more),
    texts: &[
        "The self-hosted runner: gpu-3 lost communication with the server. Verify the machine is running and has a healthy network connection.",
        "The hosted runner: GitHub Actions 9 lost communication with the server. Anything in your workflow that terminates the runner process, starves it for CPU/Memory, or blocks its network access can cause this error.",
        "Cannot contact gpu-agent-1: hudson.remoting.ChannelClosedException: Channel \"hudson.remoting.Channel@0a1b:gpu-agent-1\": Remote call on gpu-agent-1 failed. The channel is closing down or has closed down",
        "##[error]We stopped hearing from agent gpu-7. Verify the agent machine is running and has a healthy network connection. Anything that terminates an agent process, starves it for CPU, or blocks its network access can cause this error.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let azure = hit.says("hearingfromagent");
    let jenkins = hit.says("ChannelClosed");
    let keeper = if azure {
        Keeper::Azure
    } else if jenkins {
        Keeper::Jenkins
    } else {
        Keeper::Github
    };
    told::signal(incident, &[keeper]);
    told::name(
        hit,
        incident,
        Part::Host,
        r"^Cannotcontact([!-~]{1,100}?):hudson",
    );
    told::name(
        hit,
        incident,
        Part::Host,
        r"^Westoppedhearingfromagent([!-~]{1,80}?)\.Verify",
    );
}

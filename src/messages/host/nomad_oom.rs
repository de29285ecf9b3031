//! A task of Nomad that its memory limit ended, in the events of its allocation.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NomadOom,
    printed_by: "hashicorp/nomad drivers/docker/handle.go (\"OOM Killed\") and nomad/structs/structs.go (TaskEvent, \"Exit Code: %d, Exit Message: %q\")",
    memory: Memory::Host,
    framework: Program::System,
    // In JSON the second quote is escaped.
    signatures: &["\"OOM Killed"],
    head: r#"ExitMessage:\\{0,3}"OOMKilled(?:\(137\))?\\{0,3}""#,
    reach: 60,
    more: Some(more),
    texts: &[
        "2026-01-02T03:04:05Z  Terminated      Exit Code: 137, Exit Message: \"OOM Killed\"",
        "\"DisplayMessage\": \"Exit Code: 137, Exit Message: \\\"OOM Killed\\\"\",",
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Nomad]);
}

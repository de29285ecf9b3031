//! A container of Cloud Run that was over its memory, or that ended by a signal which may tell of that.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CloudRunOom,
    printed_by: "Google Cloud Run and Cloud Functions, in the log of a revision (cloud.google.com/run/docs/troubleshooting)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "exceeded with",
        "using too much memory",
        "terminated on signal 9",
    ],
    head: r"Memorylimitof\d[\d.]*[KMG]iBexceededwith\d|containerinstancewasfoundtobeusingtoomuchmemoryandwasterminated|Containerterminatedonsignal9\.",
    reach: 400,
    more: Some(more),
    examples: &[Example(
        "Memory limit of 512 MiB exceeded with 530 MiB used. Consider increasing the memory limit",
        &[(Key::Limit, "512 MiB"), (Key::ProcessInUse, "530 MiB")],
    )],
    texts: &[
        "While handling this request, the container instance was found to be using too much memory and was terminated.",
        "Container terminated on signal 9.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("onsignal9") {
        told::signal(incident, &[Keeper::CloudRun]);
        return;
    }
    told::limit(incident, &[Keeper::CloudRun]);
    for (key, pattern) in [
        (Key::Limit, r"limitof(\d[\d.]*)([KMG]iB)exceeded"),
        (Key::ProcessInUse, r"exceededwith(\d[\d.]*)([KMG]iB)used"),
    ] {
        told::size(hit, incident, (key, hit.text), pattern);
    }
}

//! A service of Render that was over the memory of its instance.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RenderOom,
    printed_by: "Render, in the log and the events of a service (render.com/docs/troubleshooting-deploys)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["memory (used over "],
    head: r"(?:Ran)?outofmemory\(usedover\d[\d.]*[KMG][iB]{0,2}\)",
    reach: 120,
    more: Some(more),
    examples: &[
        Example(
            "==> Out of memory (used over 512Mi)",
            &[(Key::Limit, "512 Mi")],
        ),
        Example(
            "Ran out of memory (used over 2GB) while running your code.",
            &[(Key::Limit, "2 GB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Cloud]);
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"usedover(\d[\d.]*)([KMG][iB]{0,2})\)",
    );
}

//! "Device 0 OOM … / …": `HAMi`, which gives containers a share of a GPU.

use crate::evidence::{Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::HamiQuota,
    printed_by: "Project-HAMi/HAMi-core: src/allocator/allocator.c (oom_check), bytes",
    role: Role::Evidence,
    framework: Program::Cuda,
    signatures: &["[HAMI-core ERROR"],
    head: r"\[HAMI-coreERROR[!-~]{0,80}\]:Device\d{1,3}OOM\d+/\d+",
    reach: 300,
    // The first number is what would be in use with the request, and underflows where counts are lost.
    fields: &[Field(Key::Limit, r"OOM\d+/{bytes}")],
    more: Some(more),
    examples: &[
        Example(
            "[HAMI-core ERROR (pid:42 thread=140000000000000 allocator.c:52)]: Device 0 OOM 8724152320 / 8589934592",
            &[(Key::Limit, "8589934592")],
        ),
        Example(
            "[HAMI-core ERROR (pid:7 thread=139999999999999 allocator.c:53)]: Device 1 OOM 25971130368 / 25769803776",
            &[(Key::Limit, "25769803776")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"Device(\d{1,3})OOM");
    incident.flags.insert(Flag::Quota);
    // It stands for itself where no message of the program stands near.
    incident.ooms = Some(1);
}

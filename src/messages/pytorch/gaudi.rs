//! `MODULE:PT_DEVMEM Allocation failed for size::…`: `PyTorch` on Intel Gaudi.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchGaudi,
    printed_by: "backend/synapse_helpers/device_memory of Gaudi's PyTorch bridge",
    framework: Program::Pytorch,
    signatures: &["DEVMEM Allocation failed", "failed for size::"],
    // The same words at another level announce a defragmentation, after which it tries again.
    head: r"FATALERROR::MODULE:(?:PT_)?DEVMEMAllocationfailedforsize::",
    reach: 200,
    fields: &[Field(Key::Tried, r"forsize::{bytes}")],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: [Rank:2] FATAL ERROR :: MODULE:PT_DEVMEM Allocation failed for size::939524096 (896)MB",
            &[(Key::Tried, "939524096")],
        ),
        Example(
            "FATAL ERROR :: MODULE:DEVMEM Allocation failed for size::40960000 (39.0625)MB",
            &[(Key::Tried, "40960000")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Hpu;
    let rank = crate::messages::number(r"\[Rank:(\d{1,6})\]$", hit.before);
    incident.rank = incident.rank.or(rank);
}

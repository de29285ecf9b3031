//! `MODULE:PT_DEVMEM Allocation failed for size::…`: `PyTorch` on Intel Gaudi.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::messages::{Compiled, Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "pytorch-gaudi",
    printed_by: "backend/synapse_helpers/device_memory of Gaudi's PyTorch bridge",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["DEVMEM Allocation failed", "failed for size::"],
    // The same words at another level announce a defragmentation, after which it tries again.
    head: r"FATALERROR::MODULE:(?:PT_)?DEVMEMAllocationfailedforsize::",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[Field {
        key: Key::Tried,
        pattern: r"forsize::{bytes}",
    }],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: [Rank:2] FATAL ERROR :: MODULE:PT_DEVMEM Allocation failed for size::939524096 (896)MB",
            reads: &[(Key::Tried, "939524096")],
        },
        Example {
            text: "FATAL ERROR :: MODULE:DEVMEM Allocation failed for size::40960000 (39.0625)MB",
            reads: &[(Key::Tried, "40960000")],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let rank = crate::messages::number(r"\[Rank:(\d{1,6})\]$", hit.before);
    incident.rank = incident.rank.or(rank);
}

//! "unable to allocate shared memory(shm)": a worker could not put a batch into /dev/shm.

use crate::evidence::{Flag, Incident, Memory, MessageId, Phase, Program};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TorchSharedMemory,
    printed_by: "aten/src/ATen/MapAllocator.cpp",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &["unable to allocate shared memory", "unable to mmap"],
    head: r"unabletoallocatesharedmemory\(shm\)forfile|unabletommap\d{1,20}bytesfromfile",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: unable to allocate shared memory(shm) for file </torch_4711_2293422226_0>: Resource temporarily \
                   unavailable (11)",
            &[],
        ),
        Example(
            "RuntimeError: unable to mmap 67108864 bytes from file </torch_4711_2293422226_0>: Cannot allocate memory (12)",
            &[],
        ),
        Example(
            "RuntimeError: unable to allocate shared memory(shm) for file </torch_12_3_4>: No space left on device (28)",
            &[],
        ),
    ],
    ..Message::EMPTY
};

/// Errors of the file itself (permission, not found) are none of memory.
fn accepts(hit: &Match<'_>) -> bool {
    [
        "temporarilyunavailable",
        "Cannotallocatememory",
        "Nospaceleft",
    ]
    .iter()
    .any(|reason| hit.says(reason))
}

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::Dataloader);
    incident.flags.insert(Flag::Shm);
}

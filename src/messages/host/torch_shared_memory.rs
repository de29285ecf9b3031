//! "unable to allocate shared memory(shm)": a worker could not put a batch into /dev/shm.

use crate::evidence::{FactSource, Framework, Incident, Memory, Phase};
use crate::messages::{Compiled, Example, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "torch-shared-memory",
    printed_by: "aten/src/ATen/MapAllocator.cpp",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::Pytorch,
    signatures: &["unable to allocate shared memory", "unable to mmap"],
    head: r"unabletoallocatesharedmemory\(shm\)forfile|unabletommap\d{1,20}bytesfromfile",
    accepts: Some(accepts),
    reach: 400,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: unable to allocate shared memory(shm) for file </torch_4711_2293422226_0>: Resource temporarily \
                   unavailable (11)",
            reads: &[],
        },
        Example {
            text: "RuntimeError: unable to mmap 67108864 bytes from file </torch_4711_2293422226_0>: Cannot allocate memory (12)",
            reads: &[],
        },
        Example {
            text: "RuntimeError: unable to allocate shared memory(shm) for file </torch_12_3_4>: No space left on device (28)",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
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
    incident.marks.push(marks::SHM);
}

//! "cudaCustomAllocator out of memory": RELION's own allocator, which took what was free when the run began.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RelionAllocator,
    printed_by: "3dem/relion src/acc/cuda/custom_allocator.cuh, src/acc/hip/custom_allocator.h; src/error.h (ERR_CUDACAOOM)",
    framework: Program::Relion,
    signatures: &[
        "CustomAllocator out of memory",
        "[requestedSpace:",
        "You ran out of memory on the GPU(s)",
    ],
    head: r"(?:cuda|hip)CustomAllocatoroutofmemory|YouranoutofmemoryontheGPU\(s\)",
    accepts: Some(accepts),
    reach: 900,
    fields: &[
        Field(Key::Tried, r"\[requestedSpace:{bytes}B\]"),
        Field(Key::LargestFree, r"\[largestContinuousFreeSpace:{bytes}B\]"),
        Field(Key::Free, r"\[totalFreeSpace:{bytes}B\]"),
    ],
    more: Some(more),
    examples: &[Example(
        "cudaCustomAllocator out of memory\n [requestedSpace:             52428800 B]\n [largestContinuousFreeSpace: 31457280 \
                   B]\n [totalFreeSpace:             44040192 B]\n",
        &[(Key::Tried, "52428800"), (Key::Free, "44040192")],
    )],
    texts: &[
        "ERROR: \n\nYou ran out of memory on the GPU(s).\n\nEach MPI-rank running on a GPU increases the use of GPU-memory.",
    ],
    ..Message::EMPTY
};

/// The advice stands below the figures, and is the same failure.
fn accepts(hit: &Match<'_>) -> bool {
    let advice = hit.folded.starts_with("you");
    !(advice && holds(tail(hit.before, 900), "CustomAllocatoroutofmemory"))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.folded.starts_with("hip") {
        incident.accelerator = Accelerator::Rocm;
    }
}

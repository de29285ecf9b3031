//! "Allocation of … failed on CUDA. Used: …": tinygrad.

use crate::evidence::{Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TinygradAlloc,
    printed_by: "tinygrad/device.py (LRUAllocator.alloc), from 0.10; size_to_str: two digits, powers of 1024",
    framework: Program::Tinygrad,
    signatures: &[
        "MemoryError: Allocation of",
        "failed on CUDA. Used",
        "failed on AMD. Used",
        "failed on NV. Used",
        "failed on METAL. Used",
    ],
    head: r"MemoryError:Allocationof\d[\d.]*[KMG]?Bfailedon[A-Z]{2,10}(?::\d{1,3})?\.Used:\d",
    reach: 300,
    fields: &[
        Field(Key::Tried, r"Allocationof{size}failedon"),
        Field(Key::Allocated, r"\.Used:{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "MemoryError: Allocation of 16.00 GB failed on CUDA. Used: 7.25 GB",
            &[(Key::Tried, "16.00 GB"), (Key::Allocated, "7.25 GB")],
        ),
        Example(
            "MemoryError: Allocation of 512.00 MB failed on AMD:1. Used: 23.10 GB",
            &[(Key::Tried, "512.00 MB"), (Key::Allocated, "23.10 GB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit
        .capture(r"failedon(?:CPU|CLANG|LLVM|PYTHON|NPY|DISK)[.:]")
        .is_some()
    {
        incident.memory = Memory::Host;
    }
    incident.device = hit.number(r"failedon[A-Z]{2,10}:(\d{1,3})\.");
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn a_device_that_is_the_processor_is_the_hosts_memory() {
        assert_eq!(
            one("MemoryError: Allocation of 99.00 GB failed on CPU. Used: 1.00 GB")
                .incident
                .memory,
            Memory::Host
        );
    }
}

//! "`DefaultCPUAllocator`: can't allocate memory": a tensor of `PyTorch` in the host's memory.

use crate::evidence::{Incident, Key, Memory, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CpuAllocator,
    printed_by: "c10/core/impl/alloc_cpu.cpp (before: c10/core/CPUAllocator.cpp, aten/src/TH/THGeneral.cpp)",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &["DefaultCPUAllocator:", "memory: you tried to allocate"],
    head: r"(?:DefaultCPUAllocator|\$Torch):(?:can'tallocatememory|notenoughmemory):youtriedtoallocate",
    reach: 300,
    fields: &[
        Field(Key::Tried, r"youtriedtoallocate{bytes}bytes"),
        // The oldest spelling divides by 2^30 and drops the rest.
        Field(Key::Tried, r"youtriedtoallocate{floored}\.Buy"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: \
                   you tried to allocate 68719476736 bytes. Error code 12 (Cannot allocate memory)",
            &[(Key::Tried, "68719476736")],
        ),
        Example(
            "RuntimeError: [enforce fail at ..\\c10\\core\\impl\\alloc_cpu.cpp:72] data. DefaultCPUAllocator: not \
                   enough memory: you tried to allocate 9663676416 bytes.",
            &[(Key::Tried, "9663676416")],
        ),
        Example(
            "RuntimeError: [enforce fail at CPUAllocator.cpp:56] posix_memalign(&data, gAlignment, nbytes) == 0. 12 vs \
                   0 DefaultCPUAllocator: not enough memory: you tried to allocate 4294967296 bytes. Buy new RAM!",
            &[(Key::Tried, "4294967296")],
        ),
        Example(
            "RuntimeError: $ Torch: not enough memory: you tried to allocate 14GB. Buy new RAM! at \
                   /pytorch/aten/src/TH/THGeneral.cpp:204",
            &[(Key::Tried, "14 GB")],
        ),
    ],
    ..Message::EMPTY
};

/// Only the branch for Microsoft's compiler checks the pointer alone (`c10/core/impl/alloc_cpu.cpp`, `_aligned_malloc`).
fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("]data.DefaultCPUAllocator") || holds(tail(hit.before, 8), "]data.") {
        told::setting(hit, incident, (SettingKind::Windows, "alloc_cpu.cpp"), "");
    }
}

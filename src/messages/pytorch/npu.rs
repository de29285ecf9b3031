//! "NPU out of memory": `torch_npu` on Ascend, a copy of the older CUDA wording with one figure more.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchNpu,
    printed_by: "torch_npu/csrc/core/npu/NPUCachingAllocator.cpp and NPUWorkspaceAllocator.cpp, 1.8 to 2.15; CANN's error EL0004",
    framework: Program::Pytorch,
    signatures: &[
        "NPU out of memory",
        "current active;",
        "already allocated;",
        "EL0004: [PID: ",
    ],
    head: r"NPUoutofmemory\.?(?:Triedtoallocate\d|NPUWorkspaceAllocatortriedtoallocate\d|deviceid:\d|Allocationwaspreemptively)|EL0004[!-~]{0,90}?Failedtoallocatememory",
    reach: 900,
    fields: &[
        Field(Key::Tried, r"triedtoallocate{size}"),
        Field(Key::Tried, r"Requestedsize:{size}"),
        Field(Key::Total, r"{size}totalcapacity"),
        Field(Key::Total, r"totalcapacityof{size}"),
        Field(Key::Allocated, r"{size}alreadyallocated"),
        Field(Key::Allocated, r"memory{size}isallocatedbyPyTorch"),
        Field(Key::Active, r"{size}currentactive"),
        Field(Key::Free, r";{size}free"),
        Field(Key::Free, r"ofwhich{size}isfree"),
        Field(Key::Limit, r"{size}allowed;"),
        Field(Key::Reserved, r"{size}reservedintotalby"),
        Field(
            Key::ReservedUnallocated,
            r"and{size}isreservedbyPyTorchbutunallocated",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: NPU out of memory. Tried to allocate 322.00 MiB (NPU 3; 60.97 GiB total capacity; 57.51 GiB \
                   already allocated; 57.52 GiB current active; 20.12 MiB free; 59.53 GiB reserved in total by PyTorch) If \
                   reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.",
            &[
                (Key::Tried, "322.00 MiB"),
                (Key::Total, "60.97 GiB"),
                (Key::Allocated, "57.51 GiB"),
                (Key::Active, "57.52 GiB"),
                (Key::Free, "20.12 MiB"),
                (Key::Reserved, "59.53 GiB"),
            ],
        ),
        Example(
            "torch.OutOfMemoryError: NPU out of memory. Tried to allocate 64.00 GiB (NPU 0; 60.96 GiB total capacity; \
                   18.35 GiB already allocated; 18.36 GiB current active; 40.44 GiB free; 50.00 GiB allowed; 19.17 GiB \
                   reserved in total by PyTorch).If reserved memory is >> allocated memory try setting max_split_size_mb \
                   to avoid fragmentation.",
            &[
                (Key::Limit, "50.00 GiB"),
                (Key::Free, "40.44 GiB"),
                (Key::Active, "18.36 GiB"),
            ],
        ),
        Example(
            "RuntimeError: NPU out of memory. NPUWorkspaceAllocator tried to allocate 20.00 MiB(NPU 1; 60.97 GiB total \
                   capacity; 12.30 MiB free).",
            &[
                (Key::Tried, "20.00 MiB"),
                (Key::Total, "60.97 GiB"),
                (Key::Free, "12.30 MiB"),
            ],
        ),
    ],
    texts: &[
        "EL0004: [PID: 140] 2025-11-06-01:17:59.527.855 Failed to allocate memory.\n        Possible Cause: Available memory is \
                   insufficient.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Npu;
    incident.device = hit.number(r"(?:\(NPU|deviceid:|\.NPU)(\d{1,3})");
}

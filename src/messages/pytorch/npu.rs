//! "NPU out of memory": `torch_npu` on Ascend, a copy of the older CUDA wording with one figure more.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::messages::{Compiled, Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "pytorch-npu",
    printed_by: "torch_npu/csrc/core/npu/NPUCachingAllocator.cpp and NPUWorkspaceAllocator.cpp, 1.8 to 2.15",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["NPU out of memory", "current active;", "already allocated;"],
    head: r"NPUoutofmemory\.?(?:Triedtoallocate\d|NPUWorkspaceAllocatortriedtoallocate\d|deviceid:\d|Allocationwaspreemptively)",
    accepts: None,
    reach: 900,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"triedtoallocate{size}",
        },
        Field {
            key: Key::Tried,
            pattern: r"Requestedsize:{size}",
        },
        Field {
            key: Key::Total,
            pattern: r"{size}totalcapacity",
        },
        Field {
            key: Key::Total,
            pattern: r"totalcapacityof{size}",
        },
        Field {
            key: Key::Allocated,
            pattern: r"{size}alreadyallocated",
        },
        Field {
            key: Key::Allocated,
            pattern: r"memory{size}isallocatedbyPyTorch",
        },
        Field {
            key: Key::Active,
            pattern: r"{size}currentactive",
        },
        Field {
            key: Key::Free,
            pattern: r";{size}free",
        },
        Field {
            key: Key::Free,
            pattern: r"ofwhich{size}isfree",
        },
        Field {
            key: Key::Limit,
            pattern: r"{size}allowed;",
        },
        Field {
            key: Key::Reserved,
            pattern: r"{size}reservedintotalby",
        },
        Field {
            key: Key::ReservedUnallocated,
            pattern: r"and{size}isreservedbyPyTorchbutunallocated",
        },
    ],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: NPU out of memory. Tried to allocate 322.00 MiB (NPU 3; 60.97 GiB total capacity; 57.51 GiB \
                   already allocated; 57.52 GiB current active; 20.12 MiB free; 59.53 GiB reserved in total by PyTorch) If \
                   reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.",
            reads: &[
                (Key::Tried, "322.00 MiB"),
                (Key::Total, "60.97 GiB"),
                (Key::Allocated, "57.51 GiB"),
                (Key::Active, "57.52 GiB"),
                (Key::Free, "20.12 MiB"),
                (Key::Reserved, "59.53 GiB"),
            ],
        },
        Example {
            text: "torch.OutOfMemoryError: NPU out of memory. Tried to allocate 64.00 GiB (NPU 0; 60.96 GiB total capacity; \
                   18.35 GiB already allocated; 18.36 GiB current active; 40.44 GiB free; 50.00 GiB allowed; 19.17 GiB \
                   reserved in total by PyTorch).If reserved memory is >> allocated memory try setting max_split_size_mb \
                   to avoid fragmentation.",
            reads: &[
                (Key::Limit, "50.00 GiB"),
                (Key::Free, "40.44 GiB"),
                (Key::Active, "18.36 GiB"),
            ],
        },
        Example {
            text: "RuntimeError: NPU out of memory. NPUWorkspaceAllocator tried to allocate 20.00 MiB(NPU 1; 60.97 GiB total \
                   capacity; 12.30 MiB free).",
            reads: &[
                (Key::Tried, "20.00 MiB"),
                (Key::Total, "60.97 GiB"),
                (Key::Free, "12.30 MiB"),
            ],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"(?:\(NPU|deviceid:|\.NPU)(\d{1,3})");
}

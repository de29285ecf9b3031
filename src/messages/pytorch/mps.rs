//! "MPS backend out of memory": PyTorch on Apple's GPUs, whose memory is the machine's own.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory, Setting, SettingKind};
use crate::messages::{Compiled, Example, Field, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "pytorch-mps",
    printed_by: "aten/src/ATen/mps/MPSAllocator.mm, PyTorch from 1.12; \"MB\" means MiB before 2.9",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &[
        "MPS backend out of",
        "other allocations:",
        "Invalid buffer size:",
    ],
    head: r"MPSbackendoutofmemory\.?\(MPSallocated:|(?:RuntimeError|Error|Exception|Failed|MPS[a-z]*):?Invalidbuffersize:{size}",
    accepts: None,
    reach: 700,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"Triedtoallocate{size}",
        },
        Field {
            key: Key::Tried,
            pattern: r"Invalidbuffersize:{size}",
        },
        Field {
            key: Key::Allocated,
            pattern: r"MPSallocated:{size}",
        },
        Field {
            key: Key::OtherAllocations,
            pattern: r"otherallocations:{size}",
        },
        Field {
            key: Key::Limit,
            pattern: r"maxallowed:{size}",
        },
    ],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: MPS backend out of memory (MPS allocated: 8.06 GB, other allocations: 1.30 GB, max allowed: \
                   9.07 GB). Tried to allocate 256 bytes on shared pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to \
                   disable upper limit for memory allocations (may cause system failure).",
            reads: &[
                (Key::Tried, "256 bytes"),
                (Key::Allocated, "8.06 GB"),
                (Key::OtherAllocations, "1.30 GB"),
                (Key::Limit, "9.07 GB"),
            ],
        },
        Example {
            text: "RuntimeError: MPS backend out of memory (MPS allocated: 20.40 GiB, other allocations: 640.00 KiB). Tried \
                   to allocate 4.50 GiB on private pool.",
            reads: &[
                (Key::Tried, "4.50 GiB"),
                (Key::Allocated, "20.40 GiB"),
                (Key::OtherAllocations, "640.00 KiB"),
            ],
        },
        Example {
            text: "RuntimeError: Invalid buffer size: 24.00 GiB",
            reads: &[(Key::Tried, "24.00 GiB")],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("Invalidbuffersize") {
        incident.marks.push(marks::SINGLE_ALLOCATION_LIMIT);
    }
    incident.settings.insert(Setting {
        kind: SettingKind::UnifiedMemory,
        name: "MPS".to_owned(),
        value: String::new(),
        line: (hit.line_number)(0),
    });
}

//! "MPS backend out of memory": PyTorch on Apple's GPUs, whose memory is the machine's own.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchMps,
    printed_by: "aten/src/ATen/mps/MPSAllocator.mm, PyTorch from 1.12; \"MB\" means MiB before 2.9",
    framework: Program::Pytorch,
    signatures: &[
        "MPS backend out of",
        "other allocations:",
        "Invalid buffer size:",
    ],
    head: r"MPSbackendoutofmemory\.?\(MPSallocated:|(?:RuntimeError|Error|Exception|Failed|MPS[a-z]*):?Invalidbuffersize:{size}",
    reach: 700,
    fields: &[
        Field(Key::Tried, r"Triedtoallocate{size}"),
        Field(Key::Tried, r"Invalidbuffersize:{size}"),
        Field(Key::Allocated, r"MPSallocated:{size}"),
        Field(Key::OtherAllocations, r"otherallocations:{size}"),
        Field(Key::Limit, r"maxallowed:{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: MPS backend out of memory (MPS allocated: 8.06 GB, other allocations: 1.30 GB, max allowed: \
                   9.07 GB). Tried to allocate 256 bytes on shared pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to \
                   disable upper limit for memory allocations (may cause system failure).",
            &[
                (Key::Tried, "256 bytes"),
                (Key::Allocated, "8.06 GB"),
                (Key::OtherAllocations, "1.30 GB"),
                (Key::Limit, "9.07 GB"),
            ],
        ),
        Example(
            "RuntimeError: MPS backend out of memory (MPS allocated: 20.40 GiB, other allocations: 640.00 KiB). Tried \
                   to allocate 4.50 GiB on private pool.",
            &[
                (Key::Tried, "4.50 GiB"),
                (Key::Allocated, "20.40 GiB"),
                (Key::OtherAllocations, "640.00 KiB"),
            ],
        ),
        Example(
            "RuntimeError: Invalid buffer size: 24.00 GiB",
            &[(Key::Tried, "24.00 GiB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Mps;
    if hit.says("Invalidbuffersize") {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
    told::setting(hit, incident, (SettingKind::UnifiedMemory, "MPS"), "");
}

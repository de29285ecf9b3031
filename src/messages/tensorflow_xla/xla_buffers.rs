//! "`BufferAssignment` stats": what XLA's compiler plans for a program in all, below the failure of one of its buffers.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaBuffers,
    printed_by: "xla/service/buffer_assignment.cc (BufferAssignment::Stats::ToString)",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &["BufferAssignment stats:"],
    head: r"BufferAssignmentstats:",
    reach: 500,
    source: FactSource::Stats,
    fields: &[
        Field(Key::ComputeBuffer, r"preallocatedtempallocation:{size}"),
        Field(Key::Projected, r"totalallocation:{size}"),
    ],
    examples: &[
        Example(
            "BufferAssignment stats:\n             parameter allocation:    4.00GiB\n              constant allocation:    \
                   \x20    64B\n        maybe_live_out allocation:    1.00GiB\n     preallocated temp allocation:    9.00GiB\n  \
                   preallocated temp fragmentation:  128.00MiB (1.39%)\n                 total allocation:   13.00GiB",
            &[
                (Key::ComputeBuffer, "9.00 GiB"),
                (Key::Projected, "13.00 GiB"),
            ],
        ),
        Example(
            "BufferAssignment stats:\n             parameter allocation:  512.50MiB\n        maybe_live_out allocation:   \
                   2.25GiB\n     preallocated temp allocation:    6.75GiB\n                 total allocation:    9.50GiB",
            &[
                (Key::ComputeBuffer, "6.75 GiB"),
                (Key::Projected, "9.50 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};

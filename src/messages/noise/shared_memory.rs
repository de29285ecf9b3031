//! A kernel that wants more on-chip memory than a multiprocessor has. While tuning, one candidate less; never the device.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NoiseSharedMemory,
    printed_by: "triton/runtime/errors.py (OutOfResources)",
    role: Role::Noise,
    framework: Program::Pytorch,
    signatures: &["out of resource: "],
    head: r"outofresource:(?:sharedmemory|registers|tensormemory|threads),Required:\d+,Hardwarelimit:\d+",
    reach: 300,
    texts: &[
        "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 294912, Hardware limit: \
                   232448. Reducing block sizes or `num_stages` may help.",
        "triton.runtime.errors.OutOfResources: out of resource: threads, Required: 2048, Hardware limit: 1024.",
    ],
    ..Message::EMPTY
};

//! A kernel that wants more on-chip memory than a multiprocessor has. While tuning, one candidate less; never the device.

use crate::evidence::{FactSource, Framework, Memory};
use crate::messages::{Compiled, Example, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "noise-shared-memory",
    printed_by: "triton/runtime/errors.py (OutOfResources)",
    role: Role::Noise,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["out of resource: "],
    head: r"outofresource:(?:sharedmemory|registers|tensormemory|threads),Required:\d+,Hardwarelimit:\d+",
    accepts: None,
    reach: 300,
    source: FactSource::Message,
    fields: &[],
    more: None,
    examples: &[
        Example {
            text: "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 294912, Hardware limit: \
                   232448. Reducing block sizes or `num_stages` may help.",
            reads: &[],
        },
        Example {
            text: "triton.runtime.errors.OutOfResources: out of resource: threads, Required: 2048, Hardware limit: 1024.",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

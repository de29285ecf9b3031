//! "Could not allocate tensor with N bytes. There is not enough GPU video memory available!": `PyTorch` on `DirectML`.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "directml",
    // The library is closed: texts from microsoft/DirectML issues 95, 287 and 579.
    printed_by: "torch-directml 0.1 to 0.2 (DirectML's heap allocator)",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Directml,
    signatures: &[
        "Could not allocate tensor with",
        "not enough GPU video memory",
        "GPU video memory available!",
    ],
    head: r"Couldnotallocatetensorwith\d+bytes\.ThereisnotenoughGPUvideomemory",
    accepts: None,
    reach: 150,
    source: FactSource::Message,
    fields: &[Field {
        key: Key::Tried,
        pattern: r"allocatetensorwith{bytes}bytes",
    }],
    more: None,
    examples: &[
        Example {
            text: "RuntimeError: Could not allocate tensor with 1073741824 bytes. There is not enough GPU video memory available!",
            reads: &[(Key::Tried, "1073741824")],
        },
        Example {
            text: "ERROR: Could not allocate tensor with 52428800 bytes. There is not enough GPU video memory available!",
            reads: &[(Key::Tried, "52428800")],
        },
    ],
    compiled: Compiled::new(),
};

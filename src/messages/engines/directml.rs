//! "Could not allocate tensor with N bytes. There is not enough GPU video memory available!": `PyTorch` on `DirectML`.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Directml,
    // The library is closed: texts from microsoft/DirectML issues 95, 287 and 579.
    printed_by: "torch-directml 0.1 to 0.2 (DirectML's heap allocator)",
    framework: Program::Directml,
    signatures: &[
        "Could not allocate tensor with",
        "not enough GPU video memory",
        "GPU video memory available!",
    ],
    head: r"Couldnotallocatetensorwith\d+bytes\.ThereisnotenoughGPUvideomemory",
    reach: 150,
    fields: &[Field(Key::Tried, r"allocatetensorwith{bytes}bytes")],
    examples: &[
        Example(
            "RuntimeError: Could not allocate tensor with 1073741824 bytes. There is not enough GPU video memory available!",
            &[(Key::Tried, "1073741824")],
        ),
        Example(
            "ERROR: Could not allocate tensor with 52428800 bytes. There is not enough GPU video memory available!",
            &[(Key::Tried, "52428800")],
        ),
    ],
    ..Message::EMPTY
};

//! "Could not allocate tensor with N bytes. There is not enough GPU video memory available!": `PyTorch` on `DirectML`.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Directml,
    // The library is closed: texts from microsoft/DirectML issues 95, 287 and 579.
    printed_by: "torch-directml 0.1 to 0.2 (DirectML's heap allocator); onnxruntime/core/providers/dml (HRESULT 8007000E)",
    framework: Program::Directml,
    signatures: &[
        "Could not allocate tensor with",
        "not enough GPU video memory",
        "GPU video memory available!",
        "8007000E Not enough memory",
        "8007000E",
    ],
    head: r"Couldnotallocatetensorwith\d+bytes\.ThereisnotenoughGPUvideomemory|8007000ENotenoughmemoryresources|8007000E[!-~]{0,40}memoryresources",
    accepts: Some(accepts),
    reach: 150,
    fields: &[Field(Key::Tried, r"allocatetensorwith{bytes}bytes")],
    more: Some(more),
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
    texts: &[
        "[E:onnxruntime:, sequential_executor.cc:369 onnxruntime::SequentialExecutor::Execute] Non-zero status code returned \
                   while running Conv node. Name:'/decoder/Conv_3' Status Message: \
                   D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\dml\\DmlExecutionProvider\\src\\MLOperatorAuthorImpl.cpp(1978)\\onnxruntime_pybind11_state.pyd!00007FFBDC8EBB9F: \
                   (caller: 00007FFBDCFFDEFF) Exception(3) tid(4304) 8007000E Not enough memory resources are available to complete \
                   this operation.",
    ],
    ..Message::EMPTY
};

/// The code stands behind the place in the source of ONNX Runtime's provider, which an exception carries.
fn accepts(hit: &Match<'_>) -> bool {
    let code = hit.capture(r"^8007000E").is_some();
    !code || holds(tail(hit.before, 600), "dml") || holds(tail(hit.before, 200), "Exception(")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Unnamed;
    if hit.capture(r"^8007000E").is_some() {
        incident.framework = Program::Onnxruntime;
    }
}

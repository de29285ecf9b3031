//! Source code that raises the message: a wrapper, a test, a line of a traceback.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NoiseQuotedCode,
    printed_by: "programs that handle the failure, and tracebacks through them",
    role: Role::Noise,
    framework: Program::Pytorch,
    // What few messages hold, as the pattern takes long to make.
    signatures: &[
        "Error(\"",
        "Error('",
        "Error(f",
        "Exception(",
        "runtime_error(",
    ],
    // A task that "raised unexpected: OutOfMemoryError('…", as Celery's log says (celery/app/trace.py), has failed; case does not count here.
    head: r#"(?:raise(?:[a-ce-z_][A-Za-z_.:]{0,60})?|(?:throw(?:new)?|side_effect=|with_traceback\()[A-Za-z_.:]{0,60})(?:Error|Exception|runtime_error)\(f?["'][!#-&(-~]{0,300}?(?:outofmemory(?:\.?Triedtoallocate)?|Allocationondevice)"#,
    reach: 500,
    texts: &[
        "    raise torch.cuda.OutOfMemoryError(\"CUDA out of memory. Tried to allocate 2.00 GiB\")",
        "    runner.step = Mock(side_effect=RuntimeError(\"CUDA out of memory\"))",
    ],
    ..Message::EMPTY
};

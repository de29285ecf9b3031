//! Source code that looks for the message in an exception: a handler, or a line of a traceback through one.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NoiseSearchedText,
    printed_by: "programs that handle the failure, and tracebacks through them",
    role: Role::Noise,
    framework: Program::Pytorch,
    signatures: &["\" in ", "' in ", "\" not in ", "' not in "],
    head: r#"["'][!#-&(-~]{0,100}outofmemory[!#-&(-~]{0,60}["'](?:not)?in(?:str|repr|err|msg|message|exc|e\.|e:)"#,
    reach: 500,
    texts: &[
        "    if 'out of memory' in str(error).lower():",
        "    if \"CUDA error: out of memory\" not in str(e):\n        raise",
    ],
    ..Message::EMPTY
};

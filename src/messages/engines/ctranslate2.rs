//! "CUDA failed with error out of memory": `CTranslate2`, on which faster-whisper and what is built on it run.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Ctranslate2,
    printed_by: "src/cuda/utils.h (CUDA_CHECK), CTranslate2 from 1.0; no figures in any release",
    framework: Program::Ctranslate2,
    signatures: &[
        "CUDA failed with error out of",
        "failed with error out of memory",
    ],
    head: r"CUDAfailedwitherroroutofmemory",
    accepts: Some(accepts),
    reach: 200,
    texts: &[
        "RuntimeError: CUDA failed with error out of memory",
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  CUDA failed with error out of \
                   memory",
    ],
    silent: &[
        // A question about the message is no failure.
        "How do I fix CUDA failed with error out of memory in faster-whisper?",
        "if \"CUDA failed with error out of memory\" in str(e):",
    ],
    ..Message::EMPTY
};

fn accepts(hit: &Match<'_>) -> bool {
    standing::reported(hit) || standing::opens_line(hit)
}

//! "No executable batch size found, reached zero.": Accelerate halved the batch until none was left.

use crate::evidence::{Flag, MessageId, Program};
use crate::messages::{Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::AccelerateNoBatch,
    printed_by: "huggingface/accelerate: src/accelerate/utils/memory.py (find_executable_batch_size), from 0.4",
    framework: Program::Pytorch,
    signatures: &["No executable batch size found"],
    head: r"Noexecutablebatchsizefound,reachedzero",
    accepts: Some(standing::raised),
    reach: 200,
    flags: &[Flag::EveryBatch],
    texts: &[
        "RuntimeError: No executable batch size found, reached zero.",
        "Traceback (most recent call last):\n  File \"/home/user/train.py\", line 21, in <module>\n    trainer.train()\n  \
                   File \"/usr/lib/python3/site-packages/accelerate/utils/memory.py\", line 168, in decorator\n    raise \
                   RuntimeError(\"No executable batch size found, reached zero.\")\nRuntimeError: No executable batch size \
                   found, reached zero.",
    ],
    ..Message::EMPTY
};

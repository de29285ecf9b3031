//! "memory layout cannot be allocated": Ollama found no number of layers that the GPUs took.

use crate::evidence::{MessageId, Program};
use crate::messages::Message;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OllamaLayout,
    printed_by: "ollama/ollama: llm/server.go (Load), 0.11.5 to 0.2x of 2026",
    framework: Program::Ollama,
    signatures: &["memory layout cannot be allocated"],
    head: r"memorylayoutcannotbeallocated",
    reach: 300,
    texts: &[
        "Error: 500 Internal Server Error: memory layout cannot be allocated with num_gpu = 49",
        "time=2026-01-15T10:12:03.456Z level=INFO source=sched.go:470 msg=\"Load failed\" model=/models/blobs/sha256-0 \
                   error=\"memory layout cannot be allocated\"",
    ],
    ..Message::EMPTY
};

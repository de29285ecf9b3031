//! "model requires more system memory (… GiB) than is available (… GiB)": Ollama counts the host's RAM before it loads.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OllamaSystemMemory,
    printed_by: "ollama/ollama: llm/server.go, 0.3.5 to 0.2x of 2026; one decimal (format.HumanBytes2)",
    memory: Memory::Host,
    framework: Program::Ollama,
    signatures: &["requires more system memory"],
    head: r"modelrequiresmoresystemmemory\(",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"systemmemory\({size}\)"),
        // With swap, where there is some.
        Field(Key::Free, r"isavailable\({size}\)"),
    ],
    examples: &[
        Example(
            "Error: model requires more system memory (11.9 GiB) than is available (7.3 GiB)",
            &[(Key::Tried, "11.9 GiB"), (Key::Free, "7.3 GiB")],
        ),
        Example(
            "{\"error\":\"model requires more system memory (5.6 GiB) than is available (912.5 MiB)\"}",
            &[(Key::Tried, "5.6 GiB"), (Key::Free, "912.5 MiB")],
        ),
    ],
    ..Message::EMPTY
};

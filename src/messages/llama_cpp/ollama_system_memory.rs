//! "model requires more system memory (… GiB) than is available (… GiB)": Ollama counts the host's RAM before it loads.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "ollama-system-memory",
    printed_by: "ollama/ollama: llm/server.go, 0.3.5 to 0.2x of 2026; one decimal (format.HumanBytes2)",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::Ollama,
    signatures: &["requires more system memory"],
    head: r"modelrequiresmoresystemmemory\(",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"systemmemory\({size}\)",
        },
        // With swap, where there is some.
        Field {
            key: Key::Free,
            pattern: r"isavailable\({size}\)",
        },
    ],
    more: None,
    examples: &[
        Example {
            text: "Error: model requires more system memory (11.9 GiB) than is available (7.3 GiB)",
            reads: &[(Key::Tried, "11.9 GiB"), (Key::Free, "7.3 GiB")],
        },
        Example {
            text: "{\"error\":\"model requires more system memory (5.6 GiB) than is available (912.5 MiB)\"}",
            reads: &[(Key::Tried, "5.6 GiB"), (Key::Free, "912.5 MiB")],
        },
    ],
    compiled: Compiled::new(),
};

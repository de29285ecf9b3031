//! "model requires … but only … are available (after … overhead)": Ollama's engine on MLX, which looks before it loads.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OllamaMlxRoom,
    printed_by: "ollama/ollama: x/mlxrunner/client.go (Load), 2026; one decimal (format.HumanBytes2)",
    framework: Program::Ollama,
    signatures: &["model requires ", " are available (after "],
    head: r"modelrequires\d[\d.]*[KMGT]?i?Bbutonly\d",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"modelrequires{size}butonly"),
        Field(Key::FreeAtStart, r"butonly{size}areavailable"),
    ],
    flags: &[Flag::ForWeights],
    examples: &[
        Example(
            "Error: model requires 34.2 GiB but only 21.3 GiB are available (after 512.0 MiB overhead)",
            &[(Key::Tried, "34.2 GiB"), (Key::FreeAtStart, "21.3 GiB")],
        ),
        Example(
            "500: model requires 9.8 GiB but only 7.1 GiB are available (after 0 B overhead)",
            &[(Key::Tried, "9.8 GiB"), (Key::FreeAtStart, "7.1 GiB")],
        ),
    ],
    ..Message::EMPTY
};

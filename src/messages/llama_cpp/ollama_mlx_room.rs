//! "model requires … but only … are available (after … overhead)": Ollama's engine on MLX, which looks before it loads.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::messages::{Compiled, Example, Field, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "ollama-mlx-room",
    printed_by: "ollama/ollama: x/mlxrunner/client.go (Load), 2026; one decimal (format.HumanBytes2)",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Ollama,
    signatures: &["model requires ", " are available (after "],
    head: r"modelrequires\d[\d.]*[KMGT]?i?Bbutonly\d",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"modelrequires{size}butonly",
        },
        Field {
            key: Key::FreeAtStart,
            pattern: r"butonly{size}areavailable",
        },
    ],
    more: Some(more),
    examples: &[
        Example {
            text: "Error: model requires 34.2 GiB but only 21.3 GiB are available (after 512.0 MiB overhead)",
            reads: &[(Key::Tried, "34.2 GiB"), (Key::FreeAtStart, "21.3 GiB")],
        },
        Example {
            text: "500: model requires 9.8 GiB but only 7.1 GiB are available (after 0 B overhead)",
            reads: &[(Key::Tried, "9.8 GiB"), (Key::FreeAtStart, "7.1 GiB")],
        },
    ],
    compiled: Compiled::new(),
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.marks.push(marks::FOR_WEIGHTS);
}

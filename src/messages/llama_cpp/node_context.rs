//! "A context size of 8192 is too large for the available VRAM": node-llama-cpp counts before it asks the driver.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, holds, standing, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NodeContext,
    printed_by: "withcatai/node-llama-cpp src/gguf/insights/utils (resolveContextContextSizeOption.ts, resolveModelGpuLayersOption.ts), \
                 from 3.0",
    framework: Program::NodeLlamaCpp,
    signatures: &[
        "is too large for the available VRAM",
        "is too large for the available RAM",
        "Not enough VRAM to fit the model",
    ],
    head: r"Acontextsizeof\d+(?:with\d+sequences)?istoolargefortheavailableV?RAM|NotenoughVRAMtofitthemodel(?:withthespecifiedsettings)?",
    accepts: Some(accepts),
    reach: 200,
    more: Some(more),
    texts: &[
        "InsufficientMemoryError: A context size of 8192 with 2 sequences is too large for the available VRAM",
        "InsufficientMemoryError: A context size of 4096 is too large for the available RAM",
        "InsufficientMemoryError: Not enough VRAM to fit the model with the specified settings",
    ],
    silent: &[
        // Code and talk are no failure.
        "throw new InsufficientMemoryError(`A context size of ${n} is too large for the available VRAM`);",
        "If a context size of 8192 is too large for the available VRAM, use a smaller one.",
    ],
    ..Message::EMPTY
};

/// Behind its class; in code and in sentences none stands there.
fn accepts(hit: &Match<'_>) -> bool {
    holds(tail(hit.before, 40), "InsufficientMemoryError:") || standing::reported(hit)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const NUMBERS: [(&str, SettingKind, &str); 2] = [
        (
            r"contextsizeof(\d+)",
            SettingKind::ContextSize,
            "contextSize",
        ),
        (r"with(\d+)sequences", SettingKind::Sequences, "sequences"),
    ];
    for (pattern, kind, name) in NUMBERS {
        if let Some(value) = hit.capture(pattern) {
            told::setting(hit, incident, (kind, name), value);
        }
    }
    if hit.capture(r"^Acontextsize").is_some() {
        incident.flags.insert(Flag::ForCache);
    } else {
        incident.flags.insert(Flag::ForWeights);
    }
    if hit.capture(r"^[!-~]{0,80}?theavailableRAM").is_some() {
        incident.memory = Memory::Host;
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Memory, SettingKind};
    use crate::messages::examples::one;

    #[test]
    fn its_numbers_are_settings() {
        let text = MESSAGE_TEXT;
        let incident = one(text).incident;
        let value = |kind| incident.settings.get(kind).unwrap().value.clone();
        assert_eq!(value(SettingKind::ContextSize), "8192");
        assert_eq!(value(SettingKind::Sequences), "2");
        assert_eq!(incident.memory, Memory::Device);
    }

    const MESSAGE_TEXT: &str = "InsufficientMemoryError: A context size of 8192 with 2 sequences is too large for the available VRAM";
}

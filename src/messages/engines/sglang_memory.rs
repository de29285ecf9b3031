//! "Not enough memory. Please try to increase --mem-fraction-static": `SGLang`'s static share holds the weights and no cache.

use crate::evidence::{Flag, Incident, MessageId, Program, Setting, SettingKind};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangMemory,
    printed_by: "python/sglang/srt/model_executor/model_runner.py from 0.1.12, pool_configurator.py since; the fraction from 0.5.9",
    framework: Program::Sglang,
    signatures: &[
        "Please try to increase --mem-fraction",
        "try to increase --mem-fraction-static",
        "Not enough memory. Please try to",
    ],
    head: r"Notenoughmemory\.Pleasetrytoincrease--mem-fraction-static",
    reach: 200,
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.",
            &[],
        ),
        Example(
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static. Current value: \
                   mem_fraction_static=0.6",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::NoCache);
    if let Some(value) = hit.capture(r"mem_fraction_static=(0\.\d{1,4})") {
        incident.settings.insert(Setting {
            kind: SettingKind::EngineShare,
            name: "mem_fraction_static".to_owned(),
            value,
            line: (hit.line_number)(0),
            written: String::new(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn newer_releases_name_the_share() {
        let incident = one(MESSAGE.examples[1].0).incident;
        let share = incident.settings.get(SettingKind::EngineShare);
        assert_eq!(share.unwrap().value, "0.6");
    }
}

//! What `ComfyUI` says of the GPU at its start, and of each model that it loads.

use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, FactSource, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ComfyLoading,
    // What it calls MB is MiB: bytes over 1024 * 1024.
    printed_by: "ComfyUI: comfy/model_management.py (\"Total VRAM\", \"Requested to load\"), comfy/model_patcher.py (\"loaded completely\"), \
                 comfy/supported_models_base.py (\"model weight dtype\"); from 2024",
    role: Role::Evidence,
    framework: Program::Comfyui,
    signatures: &[
        "Total VRAM ",
        "loaded completely",
        "Requested to load ",
        "VRAM Total:",
    ],
    head: r"TotalVRAM\d{3,7}MB,totalRAM|[-*]VRAMTotal:\**\d{9,13}|loadedcompletely;?\d|Requestedtoload(?:Flux2?|QwenImage|HunyuanVideo|HiDream)",
    reach: 120,
    source: FactSource::Stats,
    fields: &[
        Field(Key::Total, r"^TotalVRAM{size},totalRAM"),
        // The page that it writes for a report has the devices below the failure (app of the frontend, "Error Report").
        Field(Key::Total, r"^[-*]?VRAMTotal:\**{bytes}"),
        // From the end of 2025 on; before, two numbers without a unit stand there, which only white space tells apart.
        Field(
            Key::Weights,
            r"^loadedcompletely;\d[\d.]*MBusable,{size}loaded",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "Total VRAM 12287 MB, total RAM 32694 MB",
            &[(Key::Total, "12287 MB")],
        ),
        Example(
            "  - **VRAM Total:** 12878086144",
            &[(Key::Total, "12878086144")],
        ),
        Example(
            "loaded completely; 22719.37 MB usable, 22700.13 MB loaded, full load: True",
            &[(Key::Weights, "22700.13 MB")],
        ),
    ],
    ..Message::EMPTY
};

/// Models that are large, by the names of their classes (`comfy/model_base.py`), with their billions of weights by their makers.
const LARGE: [(&str, u64); 5] = [
    ("Flux", 12),
    ("Flux2", 32),
    ("QwenImage", 20),
    ("HunyuanVideo", 13),
    ("HiDream", 17),
];

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let line = hit.line_text.trim();
    if let Some(behind) = behind(line, "loaded completely ") {
        if let Some((size, text)) = loaded(behind) {
            let fact = Fact {
                bytes: size,
                text,
                line: (hit.line_number)(0),
                source: FactSource::Stats,
            };
            incident.facts.insert(Key::Weights, fact);
        }
        return;
    }
    let Some(name) = behind(line, "Requested to load ") else {
        return;
    };
    let large = LARGE.iter().find(|(model, _)| *model == name.trim());
    let Some((model, billions)) = large else {
        return;
    };
    // The type of its weights stands a few lines above.
    let before = hit.before.rsplit("modelweightdtypetorch.").next();
    let one_byte = before.is_some_and(|kind| kind.starts_with("float8"));
    let size = billions * 1_000_000_000 * if one_byte { 1 } else { 2 };
    told::setting(
        hit,
        incident,
        (SettingKind::DrawnModel, model),
        size.to_string(),
    );
}

fn behind<'a>(line: &'a str, words: &str) -> Option<&'a str> {
    line.split_once(words).map(|(_, behind)| behind)
}

/// "22719.37 22700.134 True", the first what may be used.
fn loaded(behind: &str) -> Option<(Bytes, String)> {
    let number = behind.split_whitespace().nth(1)?;
    // Floats of Python have more digits than a size can have here.
    let short: String = number.chars().take(number.find('.')? + 4).collect();
    let size = bytes::parse(&short, "MiB")?;
    Some((size, format!("{short} MB")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_is_the_size() {
        let size = loaded(" 9.5367431640625e+25 9319.23095703125 True").unwrap();
        assert_eq!((size.0.mid() >> 20, size.1.as_str()), (9319, "9319.230 MB"));
    }
}

//! "The memory capacity is unbalanced": `SGLang` compares what its GPUs have free before it loads.

use crate::bytes;
use crate::evidence::{Fact, FactSource, Incident, Key, MessageId, Phase, Program};
use crate::messages::{Example, Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangUnbalanced,
    printed_by: "python/sglang/srt/model_executor/model_runner.py (init_torch_distributed), later distributed setup; from 0.2, with figures \
                 from 0.4.4; in GiB, without a unit",
    framework: Program::Sglang,
    signatures: &[
        "The memory capacity is unbalanced",
        "may be occupied by other processes. min_per",
        "may be occupied by other processes. pre_model",
    ],
    head: r"Thememorycapacityisunbalanced\.",
    // The sentence goes on behind it.
    accepts: Some(standing::raised),
    reach: 400,
    more: Some(more),
    examples: &[Example(
        "RuntimeError: The memory capacity is unbalanced. Some GPUs may be occupied by other processes. \
                   pre_model_load_memory=13.53125, local_gpu_memory=23.09375, local_gpu_memory * 0.9=20.784375",
        &[(Key::Free, "13.53125"), (Key::FreeAtStart, "23.09375")],
    )],
    texts: &[
        "ValueError: The memory capacity is unbalanced. Some GPUs may be occupied by other processes.",
    ],
    silent: &[
        // A warning that goes on is no failure.
        "[2026-03-01 10:00:00 TP0] WARNING The memory capacity is unbalanced. Some GPUs may be occupied by other processes. \
                    min_per_gpu_memory=13.5, local_gpu_memory=23.0, local_gpu_memory * 0.9=20.7",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::Load);
    let mut keep = |key, value: Option<String>| {
        let sized = value.and_then(|text| Some((bytes::parse(&text, "GiB")?, text)));
        if let Some((size, text)) = sized {
            let fact = Fact {
                bytes: size,
                text,
                line: (hit.line_number)(0),
                source: FactSource::Message,
            };
            incident.facts.insert(key, fact);
        }
    };
    keep(
        Key::Free,
        hit.capture(r"(?:min_per_gpu_memory|pre_model_load_memory|min_available_device_memory)=(\d{1,4}(?:\.\d{1,6})?)"),
    );
    keep(
        Key::FreeAtStart,
        hit.capture(r"local_(?:gpu|device)_memory=(\d{1,4}(?:\.\d{1,6})?)"),
    );
}

//! "Insufficient GPU memory to load model. Aborting", "Cannot load model …: it needs …": `InvokeAI` looks before it moves a model.

use crate::evidence::{Flag, Incident, Key, MessageId, Phase, Program};
use crate::messages::{Example, Field, Match, Message, holds, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::InvokeaiMemory,
    printed_by: "invokeai/backend/model_manager/load/model_cache/model_cache.py (its MB are MiB), model_cache_default.py before 5.6",
    framework: Program::Invokeai,
    signatures: &[
        "Insufficient GPU memory to load model",
        "OutOfMemoryError: Cannot load model",
        "to load model. Aborting",
    ],
    head: r"InsufficientGPUmemorytoloadmodel\.Aborting|Cannotloadmodel'[!-~]{1,200}?'onto[a-z]{2,5}(?::\d{1,2})?:itneeds\d",
    accepts: Some(accepts),
    reach: 5000,
    fields: &[
        Field(Key::Tried, r"^Cannotload[!-~]{1,240}?itneeds{size}butonly"),
        Field(
            Key::Free,
            r"^Cannotload[!-~]{1,240}?butonly{size}isavailable",
        ),
    ],
    more: Some(more),
    examples: &[Example(
        "torch.OutOfMemoryError: Cannot load model 'a1b2:transformer' onto xpu:0: it needs 11350.10MB but only 6021.40MB is \
                   available. xpu:0 shares memory with the CPU, and models are loaded onto it in full, so proceeding would exhaust \
                   system memory.",
        &[(Key::Tried, "11350.10 MB"), (Key::Free, "6021.40 MB")],
    )],
    texts: &[
        "[2024-04-02 10:00:00,000]::[ModelManagerService]::WARNING --> Insufficient GPU memory to load model. Aborting\n\
                   [2024-04-02 10:00:00,010]::[InvokeAI]::ERROR --> Traceback (most recent call last):\n\
                   torch.cuda.OutOfMemoryError",
    ],
    ..Message::EMPTY
};

/// The warning alone counts only where the exception below it says nothing by itself.
fn accepts(hit: &Match<'_>) -> bool {
    if hit.text.starts_with(['C', 'c']) {
        return standing::reported(hit);
    }
    holds(hit.text, "OutOfMemoryError") && !holds(hit.text, "outofmemory.Triedtoallocate")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::Load);
    incident.flags.insert(Flag::ForWeights);
    if hit.text.starts_with(['C', 'c']) {
        incident.flags.insert(Flag::Estimate);
    }
}

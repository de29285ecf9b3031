//! "Model loading was stopped due to insufficient system resources": LM Studio counts before it loads a model, and does not try.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LmStudioEstimate,
    // Closed source: texts from lmstudio-ai/lmstudio-bug-tracker issues 484, 1202, 1471 and 1562. Units as it prints them.
    printed_by: "LM Studio 0.3 (guardrailHasEnoughResourcesForModelOrThrow); \"aborted\" to 0.3.12",
    framework: Program::LmStudio,
    signatures: &[
        "due to insufficient system resources",
        "Model loading was stopped",
        "Model loading aborted due",
        "Not enough resources to load the model",
    ],
    head: r"Modelloading(?:wasstopped|aborted)duetoinsufficientsystemresources|Notenoughresourcestoloadthemodelwiththecurrentsettings",
    reach: 400,
    fields: &[Field(Key::Tried, r"requiresapproximately{size}ofmemory")],
    flags: &[Flag::Estimate],
    examples: &[Example(
        "Error: Model loading was stopped due to insufficient system resources. Under the current settings, this model \
                   requires approximately 31.42 GB of memory, and continuing to load it would likely overload your system and cause \
                   it to freeze. If you think this is incorrect, you can adjust the model loading guardrails in settings.",
        &[(Key::Tried, "31.42 GB")],
    )],
    texts: &[
        "Error: Model loading aborted due to insufficient system resources. Overloading the system will likely cause it to \
                   freeze. If you believe this is a mistake, you can try to change the model loading guardrails in the settings.",
    ],
    ..Message::EMPTY
};

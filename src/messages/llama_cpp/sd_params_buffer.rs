//! "alloc params backend buffer failed, size = …MB": stable-diffusion.cpp found no room for weights.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SdParamsBuffer,
    printed_by: "leejet/stable-diffusion.cpp: src/model_manager.cpp, 2026; before: ggml_extend.hpp; MB of 1024 squared",
    framework: Program::StableDiffusionCpp,
    signatures: &["params backend buffer failed"],
    head: r"alloc(?:compute)?paramsbackendbufferfailed",
    accepts: Some(accepts),
    reach: 200,
    fields: &[Field(Key::Tried, r"failed,size={size}")],
    flags: &[Flag::ForWeights],
    examples: &[Example(
        "[ERROR] model_manager.cpp:737  - model manager alloc params backend buffer failed, size = 11350.07MB",
        &[(Key::Tried, "11350.07 MB")],
    )],
    texts: &[
        "[ERROR] ggml_extend.hpp:1712 - flux alloc params backend buffer failed, num_tensors = 780",
    ],
    ..Message::EMPTY
};

/// The back end's own line, with the exact size, stands above where it was copied.
fn accepts(hit: &Match<'_>) -> bool {
    const ROOTS: [&str; 4] = [
        "Mallocfailed:",
        "ggml_vulkan:",
        "failedtoallocatebuffer,size=",
        "bufferofsize",
    ];
    !ggml::follows(hit, &ROOTS)
}

//! "alloc params backend buffer failed, size = …MB": stable-diffusion.cpp found no room for weights.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::messages::llama_cpp::words;
use crate::messages::{Compiled, Example, Field, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "sd-params-buffer",
    printed_by: "leejet/stable-diffusion.cpp: src/model_manager.cpp, 2026; before: ggml_extend.hpp; MB of 1024 squared",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::StableDiffusionCpp,
    signatures: &["params backend buffer failed"],
    head: r"alloc(?:compute)?paramsbackendbufferfailed",
    accepts: Some(accepts),
    reach: 200,
    source: FactSource::Message,
    fields: &[Field {
        key: Key::Tried,
        pattern: r"failed,size={size}",
    }],
    more: Some(more),
    examples: &[
        Example {
            text: "[ERROR] model_manager.cpp:737  - model manager alloc params backend buffer failed, size = 11350.07MB",
            reads: &[(Key::Tried, "11350.07 MB")],
        },
        Example {
            text: "[ERROR] ggml_extend.hpp:1712 - flux alloc params backend buffer failed, num_tensors = 780",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

/// The back end's own line, with the exact size, stands above where it was copied.
fn accepts(hit: &Match<'_>) -> bool {
    const ROOTS: [&str; 4] = [
        "Mallocfailed:",
        "ggml_vulkan:",
        "failedtoallocatebuffer,size=",
        "bufferofsize",
    ];
    !words::follows(hit, &ROOTS)
}

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.marks.push(marks::FOR_WEIGHTS);
}

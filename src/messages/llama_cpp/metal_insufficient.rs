//! "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)": Metal, when the work is carried out.

use crate::evidence::{Accelerator, Flag, Incident, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Example, Match, Message, holds};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MetalInsufficient,
    printed_by: "Apple's Metal; ggml-org/ggml: ggml-metal-context.m; pytorch: aten/src/ATen/mps/MPSStream.mm; MLX: metal/device.cpp",
    framework: Program::LlamaCpp,
    signatures: &["kIOGPUCommandBufferCallbackErrorOutOfMemory"],
    head: r"kIOGPUCommandBufferCallbackErrorOutOfMemory",
    reach: 300,
    more: Some(more),
    examples: &[
        Example(
            "ggml_metal_synchronize: error: command buffer 0 failed with status 5\nerror: Insufficient Memory \
                   (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
            &[],
        ),
        Example(
            "libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution \
                   failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let before = crate::messages::tail(hit.before, 400);
    if holds(before, "MetalPerformanceShaders") {
        incident.framework = Program::Pytorch;
    } else if holds(before, "[METAL]") {
        incident.framework = Program::Mlx;
    } else {
        ggml::program(hit, incident);
    }
    incident.accelerator = Accelerator::Mps;
    incident.flags.insert(Flag::AtWork);
}

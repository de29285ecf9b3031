//! "failed to load 'detector' version 1: Internal: … out of memory": Triton Server could not make an instance of a model.

use crate::evidence::{Incident, MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TritonServer,
    printed_by: "triton-inference-server/core: src/model_lifecycle.cc (model_repository_manager.cc to 2.23); backends in src/*.cc",
    framework: Program::TritonServer,
    signatures: &[
        "failed to load '",
        "version 1: Internal:",
        "UNAVAILABLE: Internal:",
        "TRITONBACKEND_ModelInstance",
    ],
    head: r"failedtoload'[!-~]{1,120}?'version\d+:[!-~]{0,400}?outofmemory|UNAVAILABLE:Internal:[!-~]{0,300}?outofmemory|(?:unabletocreateTensorRTcontext|failedtocreateinstance|unabletocreatestream|unabletoallocatememoryforinputs?)[!-~]{0,160}?outofmemory",
    accepts: Some(accepts),
    reach: 600,
    more: Some(more),
    texts: &[
        "E0204 03:52:45.282900 1 model_lifecycle.cc:654] \"failed to load 'detector' version 1: Internal: unable to create \
                   TensorRT context: CUDA out of memory\"",
        "| detector | 1 | UNAVAILABLE: Internal: unable to create stream: out of memory |",
    ],
    ..Message::EMPTY
};

/// Where the message of `PyTorch`, ONNX Runtime or TensorRT-LLM stands within, that one is read.
fn accepts(hit: &Match<'_>) -> bool {
    let own = [
        "Triedtoallocate",
        "requestedbufferofsize",
        "BFCArena",
        "CUDAruntimeerrorin",
    ];
    !own.iter().any(|words| hit.says(words)) && !holds(tail(hit.before, 300), "outofmemory")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"on(?:GPU|device)(\d{1,3})\b");
}

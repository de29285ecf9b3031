//! "cuda runtime error (2) : out of memory": PyTorch up to 0.4 and Torch7, without figures.

use crate::evidence::{FactSource, Framework, Incident, Memory};
use crate::messages::{Compiled, Example, Match, Message, Role, marks, pinned};

pub(crate) static MESSAGE: Message = Message {
    id: "pytorch-thc",
    printed_by: "aten/src/THC/THCGeneral.cpp (THCudaCheck), PyTorch 0.1 to 1.4; sizes came with 1.0",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["cuda runtime error (2)", "THCudaCheck FAIL"],
    // Other codes are other errors: 10 is an invalid device, 59 an assertion.
    head: r"cudaruntimeerror\(2\):outofmemory|THCudaCheckFAILfile=[!-<>-~]{1,300}line=\d+error=2:outofmemory",
    accepts: None,
    reach: 400,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58",
            reads: &[],
        },
        Example {
            text: "THCudaCheck FAIL file=/pytorch/aten/src/THC/generic/THCStorage.cu line=58 error=2 : out of memory",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.text.starts_with(['T', 't']) {
        incident.marks.push(marks::ANNOUNCEMENT);
    }
    pinned::tell_apart(hit, incident);
}

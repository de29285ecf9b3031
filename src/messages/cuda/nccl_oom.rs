//! NCCL could not get memory for a communicator or a buffer: outside the framework's allocator.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Phase, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NcclOom,
    printed_by: "NVIDIA/nccl src/include/alloc.h and checks.h, 2.4 and later",
    framework: Program::Cuda,
    signatures: &["Cuda failure", "Failed to CUDA"],
    head: r"(?:Cuda|Hip)failure(?:2|\(2\))?'outofmemory'|FailedtoCUDA(?:calloc|malloc|hostalloc|hostcalloc)(?:async)?{bytes}bytes",
    accepts: Some(accepts),
    reach: 200,
    fields: &[Field(Key::Tried, r"FailedtoCUDA[a-z]+{bytes}bytes")],
    more: Some(more),
    examples: &[Example(
        "ncclUnhandledCudaError: Call to CUDA function failed.\nLast error:\nFailed to CUDA calloc async 536870912 \
                   bytes",
        &[(Key::Tried, "536870912")],
    )],
    texts: &[
        "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:121, \
                   unhandled cuda error (run with NCCL_DEBUG=INFO for details), NCCL version 2.21.5\n\
                   ncclUnhandledCudaError: Call to CUDA function failed.\nLast error:\nCuda failure 2 'out of memory'",
        "node1:4711:4800 [0] NCCL WARN Cuda failure 'out of memory'",
    ],
    ..Message::EMPTY
};

/// The second warning of one refusal repeats the first.
fn accepts(hit: &Match<'_>) -> bool {
    let above = tail(hit.before, 160);
    let said = ["failure2'outofmemory'", "failure'outofmemory'"];
    !hit.text.starts_with(['F', 'f']) || !said.iter().any(|words| holds(above, words))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::Library);
    // Nobody else calls it; a stack tells more.
    incident.phase = Some(Phase::Communication);
    if holds(tail(hit.before, 500), "DistBackendError") {
        incident.framework = Program::Pytorch;
    }
    if hit.capture(r"^FailedtoCUDAhost").is_some() {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}

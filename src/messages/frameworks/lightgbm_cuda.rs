//! "[`LightGBM`] [Fatal] [CUDA] out of memory …": `LightGBM` on CUDA or `OpenCL`.

use crate::evidence::{Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LightgbmCuda,
    printed_by: "LightGBM include/LightGBM/cuda/cuda_utils.hu (gpuAssert), from 3.2; Boost.Compute for the OpenCL build",
    framework: Program::Lightgbm,
    signatures: &[
        "[CUDA] out of memory",
        "[LightGBM] [Fatal] Memory",
        "Memory Object Allocation Fail",
        "Out of Host Memory",
    ],
    head: r"\[(?:CUDA|HIP)\]outofmemory[!-~]{1,300}?\.(?:cu|cpp|hpp|hu|h)\d|Memory?ObjectAllocationFailure|OutofHostMemory",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "[LightGBM] [Fatal] [CUDA] out of memory /home/user/LightGBM/src/cuda/cuda_utils.cpp 18",
        "lightgbm.basic.LightGBMError: [CUDA] out of memory /tmp/LightGBM/include/LightGBM/cuda/cuda_utils.hu 104",
        "[LightGBM] [Fatal] Memory Object Allocation Failure",
        "lightgbm.basic.LightGBMError: Out of Host Memory",
        // Boost.Compute (exception/opencl_error.hpp), on which the OpenCL build stands.
        "terminate called after throwing an instance of 'boost::wrapexcept<boost::compute::opencl_error>'\n  what():  Memory \
                   Object Allocation Failure",
    ],
    silent: &[
        // Too many categories are no lack of memory.
        "[LightGBM] [Fatal] bin size 1131 cannot run on GPU",
    ],
    ..Message::EMPTY
};

/// Boost.Compute's words are any program's that runs on it.
fn accepts(hit: &Match<'_>) -> bool {
    let before = tail(hit.before, 300);
    hit.says("]outofmemory") || holds(before, "lightgbm") || holds(before, "opencl_error")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.folded.starts_with("outofhost") {
        incident.memory = Memory::Host;
    }
}

//! "CUDA: out of memory" of a check in TVM's runtime, on which MLC LLM runs.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TvmMemory,
    printed_by: "apache/tvm src/runtime/cuda/cuda_common.h (CUDA_CALL), rocm_common.h; src/runtime/memory/memory_manager.cc; from 2017",
    framework: Program::MlcLlm,
    signatures: &[
        "is false: CUDA: out of memory",
        "cudaErrorCudartUnloading) is false",
        "is false: ROCM HIP Error",
    ],
    head: r"isfalse:(?:CUDA:outofmemory|ROCMHIPError:outofmemory)",
    accepts: Some(accepts),
    reach: 600,
    texts: &[
        "tvm.error.InternalError: Check failed: (e == cudaSuccess || e == cudaErrorCudartUnloading) is false: CUDA: out of \
                   memory",
        "TVMError: Check failed: (e == cudaSuccess || e == cudaErrorCudartUnloading) is false: CUDA: out of memory\n\
                   Stack trace:\n  File \"/workspace/tvm/src/runtime/cuda/cuda_device_api.cc\", line 145",
    ],
    ..Message::EMPTY
};

/// The check that failed stands before it.
fn accepts(hit: &Match<'_>) -> bool {
    holds(tail(hit.before, 120), "Checkfailed:(")
}

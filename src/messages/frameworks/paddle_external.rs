//! "(External) CUDA error(2), out of memory.": a call of CUDA in `PaddlePaddle`, outside its allocator.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, pinned};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PaddleExternal,
    printed_by: "paddle/fluid/platform/enforce.h (build_nvidia_error_msg, PADDLE_ENFORCE_GPU_SUCCESS), 1.7 to 3.x",
    framework: Program::Paddle,
    signatures: &[
        "CUDA error(2), out of",
        "Cuda error(2), out of",
        "), out of memory",
    ],
    head: r"(?:CUDA|HIP)error\(2\),outofmemory",
    reach: 600,
    more: Some(pinned::tell_apart),
    texts: &[
        "OSError: (External) CUDA error(2), out of memory. \n  [Hint: 'cudaErrorMemoryAllocation'. The API call failed because it \
                   was unable to allocate enough memory to perform the requested operation.] (at \
                   ../paddle/phi/backends/gpu/cuda/cuda_info.cc:251)",
        "ExternalError:  Cuda error(2), out of memory.\n  [Advise: The API call failed because it was unable to allocate enough \
                   memory to perform the requested operation. ] at (/paddle/paddle/fluid/platform/gpu_info.cc:240)",
    ],
    silent: &[
        // Another code is none.
        "OSError: (External) CUDA error(700), an illegal memory access was encountered.",
    ],
    ..Message::EMPTY
};

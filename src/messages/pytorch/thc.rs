//! "cuda runtime error (2) : out of memory": PyTorch up to 0.4 and Torch7, without figures.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, pinned};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchThc,
    printed_by: "aten/src/THC/THCGeneral.cpp (THCudaCheck), PyTorch 0.1 to 1.4; sizes came with 1.0",
    framework: Program::Pytorch,
    signatures: &["cuda runtime error (2)", "THCudaCheck FAIL"],
    // Other codes are other errors: 10 is an invalid device, 59 an assertion.
    head: r"cudaruntimeerror\(2\):outofmemory|THCudaCheckFAILfile=[!-<>-~]{1,300}line=\d+error=2:outofmemory",
    reach: 400,
    more: Some(pinned::tell_apart),
    texts: &[
        "RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58",
        "THCudaCheck FAIL file=/pytorch/aten/src/THC/generic/THCStorage.cu line=58 error=2 : out of memory",
    ],
    ..Message::EMPTY
};

//! "Check failed: error == cudaSuccess (2 vs. 0)  out of memory": Caffe, and Caffe2 inside old `PyTorch`.

use crate::evidence::{MessageId, Program};
use crate::messages::Message;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CaffeCheck,
    printed_by: "caffe include/caffe/util/device_alternate.hpp (CUDA_CHECK, CUDNN_CHECK, CUBLAS_CHECK); caffe2/core/common_gpu.h",
    framework: Program::Caffe,
    signatures: &[
        "Check failed: error == cuda",
        "cudaSuccess (2 vs. 0)",
        "== CUDNN_STATUS_SUCCESS (4",
        "CUBLAS_STATUS_SUCCESS (3 vs",
        "== cudaSuccess. 2 vs 0.",
    ],
    head: r"Checkfailed:[a-z]{1,8}==(?:cudaSuccess\(2vs\.0\)outofmemory|CUDNN_STATUS_SUCCESS\(4vs\.0\)CUDNN_STATUS_ALLOC_FAILED|CUDNN_STATUS_SUCCESS\(2vs\.0\)CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_SUCCESS\(3vs\.0\)CUBLAS_STATUS_ALLOC_FAILED)|[a-z]{1,8}==cudaSuccess\.2vs0\.Errorat:[!-~]{1,200}?:outofmemory",
    reach: 300,
    texts: &[
        "F0302 17:38:20.483613  4104 syncedmem.cpp:71] Check failed: error == cudaSuccess (2 vs. 0)  out of memory\n*** Check failure stack trace: ***",
        "[enforce fail at context_gpu.cu:415] error == cudaSuccess. 2 vs 0. Error at: /caffe2/caffe2/core/context_gpu.cu:415: out of memory Error from operator:",
    ],
    silent: &[
        // Another status of the same check is none.
        "F0302 17:38:20 math_functions.cu:79] Check failed: error == cudaSuccess (77 vs. 0)  an illegal memory access was encountered",
        "common.cpp:66] Check failed: error == cudaSuccess (30 vs. 0)  unknown error",
    ],
    ..Message::EMPTY
};

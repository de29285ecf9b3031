//! "Insufficient GPU memory error": MLC LLM counts weights and buffers against its share of the device.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MlcMemory,
    // Its MB are MiB: BytesToMegabytesString divides by 1024^2, three decimals.
    printed_by: "cpp/serve/config.cc (EstimateMemoryUsageOnMode, InferRNNStateConfig), MLC LLM from April 2024",
    framework: Program::MlcLlm,
    signatures: &[
        "Insufficient GPU memory error",
        "The available single GPU memory is",
        "less than the sum of model weight size",
    ],
    head: r"InsufficientGPUmemoryerror:TheavailablesingleGPUmemoryis\d",
    reach: 700,
    fields: &[
        Field(Key::Limit, r"availablesingleGPUmemoryis{size}"),
        Field(Key::Weights, r"modelweightsize\({size}\)"),
        Field(Key::ActivationPeak, r"temporarybuffersize\({size}\)"),
    ],
    flags: &[Flag::NoCache],
    examples: &[
        Example(
            "tvm.error.InternalError: Check failed: (output_res.IsOk()) is false: Insufficient GPU memory error: The available \
                   single GPU memory is 10444.800 MB, which is less than the sum of model weight size (7644.031 MB) and temporary \
                   buffer size (3120.750 MB).\n1. You can set a larger \"gpu_memory_utilization\" value.",
            &[
                (Key::Limit, "10444.800 MB"),
                (Key::Weights, "7644.031 MB"),
                (Key::ActivationPeak, "3120.750 MB"),
            ],
        ),
        Example(
            "TVMError: Insufficient GPU memory error: The available single GPU memory is 6963.200 MB, which is less than the sum \
                   of model weight size (5700.125 MB) and temporary buffer size (1401.000 MB). If the model weight size is too large, \
                   please use quantization.",
            &[(Key::Limit, "6963.200 MB"), (Key::Weights, "5700.125 MB")],
        ),
    ],
    ..Message::EMPTY
};

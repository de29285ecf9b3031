//! What `SGLang` prints when the weights are there: what they took, and what is free.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangLoading,
    // Its GB are GiB: torch.cuda.mem_get_info over 2^30 (`get_available_gpu_memory`).
    printed_by: "python/sglang/srt/model_executor/model_runner.py (load_model), mem usage from 0.4",
    role: Role::Evidence,
    framework: Program::Sglang,
    signatures: &[
        "Load weight end.",
        "oad weight end. elapsed=",
        "Load weight begin. avail mem=",
    ],
    head: r"Loadweightend\.[!-~]{0,300}?availmem=\d|Loadweightbegin\.availmem=\d",
    reach: 400,
    source: FactSource::Stats,
    fields: &[
        Field(Key::FreeAtStart, r"^Loadweightbegin\.availmem={size}"),
        Field(
            Key::Weights,
            r"^Loadweightend\.[!-~]{0,340}?memusage={size}",
        ),
        Field(Key::Free, r"^Loadweightend\.[!-~]{0,300}?availmem={size}"),
    ],
    examples: &[
        Example(
            "Load weight begin. avail mem=23.30 GB",
            &[(Key::FreeAtStart, "23.30 GB")],
        ),
        Example(
            "Load weight end. elapsed=31.17 s, type=LlamaForCausalLM, dtype=torch.bfloat16, avail mem=8.42 GB, mem \
                   usage=14.98 GB.",
            &[(Key::Weights, "14.98 GB"), (Key::Free, "8.42 GB")],
        ),
        Example(
            "Load weight end. type=Qwen2ForCausalLM, dtype=torch.float16, avail mem=7.11 GB",
            &[(Key::Free, "7.11 GB")],
        ),
    ],
    ..Message::EMPTY
};

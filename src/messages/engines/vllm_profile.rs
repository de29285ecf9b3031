//! What vLLM prints of its memory before it makes the cache: its share, the weights, and what a trial run took.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmProfile,
    printed_by: "vllm/worker/worker.py 0.6.4 to 0.10, vllm/utils/mem_utils.py (MemoryProfilingResult) since, two decimals",
    role: Role::Evidence,
    framework: Program::Vllm,
    signatures: &[
        "vLLM instance can use total_gpu_memory",
        "x gpu_memory_utilization (",
        "PyTorch activation peak memory takes",
        "Memory profiling results:",
        "Total non KV cache memory:",
    ],
    head: r"canusetotal_gpu_memory\(\d|modelweightstake\d|Memoryprofilingresults:[!-~]{0,40}total_gpu_memory=\d|TotalnonKVcachememory:\d",
    reach: 330,
    source: FactSource::Stats,
    fields: &[
        Field(Key::Total, r"total_gpu_memory[(=]{size}"),
        Field(
            Key::Limit,
            r"^canuse[!-~]{0,100}gpu_memory_utilization\(\d[\d.]*\)={size}",
        ),
        Field(Key::Weights, r"^modelweightstake{size}"),
        Field(Key::Weights, r";weightsmemory:{size}"),
        Field(
            Key::ActivationPeak,
            r"^modelweights[!-~]{0,80}activationpeakmemorytakes{size}",
        ),
        Field(Key::ActivationPeak, r"torchpeakmemoryincrease:{size}"),
        // With the weights in it.
        Field(Key::PeakAllocated, r"peak_torch_memory={size}"),
        Field(Key::OtherAllocations, r"non_torch_memory(?:takes|=){size}"),
        Field(
            Key::OtherAllocations,
            r"non-torchforwardincreasememory:{size}",
        ),
        // Nothing where it is below zero.
        Field(
            Key::Free,
            r"^modelweights[!-~]{0,160}reservedforKVCacheis{size}",
        ),
        Field(
            Key::Deficit,
            r"^modelweights[!-~]{0,160}reservedforKVCacheis-{size}",
        ),
        Field(Key::Free, r"kv_cache_size={size}"),
        Field(Key::Deficit, r"kv_cache_size=-{size}"),
    ],
    examples: &[
        Example(
            "the current vLLM instance can use total_gpu_memory (24.00GiB) x gpu_memory_utilization (0.60) = 14.40GiB",
            &[(Key::Total, "24.00 GiB"), (Key::Limit, "14.40 GiB")],
        ),
        Example(
            "model weights take 14.99GiB; non_torch_memory takes 0.09GiB; PyTorch activation peak memory takes 1.26GiB; the rest \
                   of the memory reserved for KV Cache is 4.10GiB.",
            &[
                (Key::Weights, "14.99 GiB"),
                (Key::OtherAllocations, "0.09 GiB"),
                (Key::ActivationPeak, "1.26 GiB"),
                (Key::Free, "4.10 GiB"),
            ],
        ),
        Example(
            "Memory profiling results: total_gpu_memory=39.39GiB initial_memory_usage=15.60GiB peak_torch_memory=16.25GiB \
                   memory_usage_post_profile=15.72GiB non_torch_memory=0.60GiB kv_cache_size=18.60GiB \
                   gpu_memory_utilization=0.90",
            &[
                (Key::Total, "39.39 GiB"),
                (Key::PeakAllocated, "16.25 GiB"),
                (Key::OtherAllocations, "0.60 GiB"),
                (Key::Free, "18.60 GiB"),
            ],
        ),
        Example(
            "Memory profiling takes 8.21 seconds. Total non KV cache memory: 17.41GiB; torch peak memory increase: 1.89GiB; \
                   non-torch forward increase memory: 0.25GiB; weights memory: 14.99GiB.",
            &[
                (Key::Weights, "14.99 GiB"),
                (Key::ActivationPeak, "1.89 GiB"),
                (Key::OtherAllocations, "0.25 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};

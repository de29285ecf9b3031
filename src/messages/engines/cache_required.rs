//! "Insufficient GPU memory for `KVCache` allocation": vllm.rs says what its cache needs and what there is.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CacheRequired,
    printed_by: "guoqingbao/vllm.rs (xinfer) src/utils/kvcache_allocator.rs",
    framework: Program::VllmRs,
    signatures: &[
        "Insufficient GPU memory for KV",
        "for KVCache allocation",
        "Try reducing --max-model-len",
    ],
    head: r"InsufficientGPUmemoryforKV(?:C|c|-c|_c)acheallocation",
    reach: 300,
    fields: &[
        Field(Key::Free, r"Available:{size}"),
        Field(Key::Tried, r"Required:{size}"),
    ],
    flags: &[Flag::ForCache],
    examples: &[
        Example(
            "KVCache allocation failed: Insufficient GPU memory for KVCache allocation. \nAvailable: 19046.40 MB, Required: 65536.00 \
                   MB, Reserved: 512.00 MB. \nTips: Try reducing --max-model-len or --max-num-seqs, or free GPU resources.",
            &[(Key::Free, "19046.40 MB"), (Key::Tried, "65536.00 MB")],
        ),
        Example(
            "Error: Insufficient GPU memory for KVCache allocation. Available: 512.00 MB, Required: 1024.00 MB, Reserved: 512.00 MB.",
            &[(Key::Tried, "1024.00 MB")],
        ),
    ],
    ..Message::EMPTY
};

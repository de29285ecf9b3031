//! "No available memory for the cache blocks": vLLM's own share of the device holds weights and a trial run, and nothing else.

use crate::evidence::{Flag, MessageId, Program};
use crate::messages::{Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmCache,
    printed_by: "vllm/worker/worker.py to 0.10, vllm/v1/core/kv_cache_utils.py from 0.7; the second text from 0.14",
    framework: Program::Vllm,
    signatures: &[
        "available memory for the cache",
        "memory for the cache blocks",
        "auto-fit max_model_len: not",
        "to serve even a single token",
    ],
    head: r"Noavailablememoryforthecacheblocks|Cannotauto-fitmax_model_len:notenoughGPUmemory",
    accepts: Some(accepts),
    reach: 400,
    flags: &[Flag::NoCache],
    texts: &[
        "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when \
                   initializing the engine.",
        "ERROR 11-20 10:11:12 [core.py:842] ValueError: No available memory for the cache \
                   blocks. Try increasing `gpu_memory_utilization` when initializing the engine. See \
                   https://docs.vllm.ai/en/latest/configuration/conserving_memory/ for more details.",
        "ValueError: Cannot auto-fit max_model_len: not enough GPU memory available to serve even a single token. Try \
                   increasing `gpu_memory_utilization`.",
    ],
    silent: &[
        // Code and prose that name the message are no failure.
        "    raise ValueError(\"No available memory for the cache blocks. \"",
        "If you see No available memory for the cache blocks, raise the share.",
        "or \"no available memory for the cache blocks\" in msg.lower():",
    ],
    ..Message::EMPTY
};

/// The sentence goes on with its advice; in code and prose it does not.
fn accepts(hit: &Match<'_>) -> bool {
    const ADVISED: &str = r"^(?:Noavailablememoryforthecacheblocks|[!-~]{40,100}evenasingletoken)\.Tryincreasing`gpu_memory_utilization`";
    hit.capture(ADVISED).is_some() || standing::reported(hit)
}

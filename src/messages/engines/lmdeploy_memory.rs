//! `LMDeploy`: its engine in `PyTorch` counts what is left for its cache, and `TurboMind`'s allocator is refused by the driver.

use crate::evidence::{Flag, Incident, MessageId, Program};
use crate::messages::{Match, Message, holds, standing, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LmdeployMemory,
    printed_by: "lmdeploy/pytorch/engine/executor/base.py; src/turbomind/utils/cuda_utils.h (check) to 0.9; LMDeploy from 0.1",
    framework: Program::Lmdeploy,
    signatures: &[
        "No enough gpu memory for",
        "[TM][ERROR] CUDA runtime error:",
        "CUDA runtime error: out of memory",
    ],
    head: r"Noenoughgpumemoryfor(?:kvcache|runtime|statecache)|\[TM\]\[ERROR\]CUDAruntimeerror:outofmemory",
    accepts: Some(accepts),
    reach: 200,
    more: Some(more),
    texts: &[
        "RuntimeError: No enough gpu memory for kv cache.",
        "AssertionError: No enough gpu memory for state cache. Please reduce max_batch_size.",
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  [TM][ERROR] CUDA runtime \
                   error: out of memory /lmdeploy/src/turbomind/core/allocator.cc:49",
    ],
    silent: &[
        // A profile that is tried again with less is no failure.
        "lmdeploy - WARNING - base.py:402 - No enough memory. Update max_prefill_token_num=2048",
    ],
    ..Message::EMPTY
};

/// The engine in Python says what there is no room for.
fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^Noenoughgpumemoryfor(kvcache)").is_some() {
        incident.flags.insert(Flag::NoCache);
    }
    // Each request at once has a state.
    if hit.capture(r"^Noenoughgpumemoryfor(statecache)").is_some() {
        incident.flags.insert(Flag::ForCache);
    }
    if hit.capture(r"^Noenoughgpumemoryfor(runtime)").is_some() {
        incident.flags.insert(Flag::ForWork);
    }
}

/// `TurboMind`'s words stand behind its own tag; those in Python come as an exception.
fn accepts(hit: &Match<'_>) -> bool {
    holds(start(hit.text, 4), "[TM]") || standing::reported(hit)
}

//! Tells a failure to page-lock host memory from one of the device: the runtime reports both in the same words.
//!
//! cudaHostAlloc returns cudaErrorMemoryAllocation (aten/src/ATen/cuda/CachingHostAllocator.cpp), so only the stack tells.

use super::{Match, holds, start};
use crate::evidence::{Flag, Incident, Memory};

/// What the innermost frame, or the allocator's own frames, say of page-locked memory.
const CALLS: [&str; 5] = [
    ".pin_memory(",
    "pin_memory=True",
    "_pin_memory",
    "cudaHostAlloc",
    "cudaHostRegister",
];
/// Where the loader's thread for pinning stands in a stack.
const THREAD: [&str; 2] = ["pinmemorythreadfordevice", "_utils/pin_memory.py\",line"];

/// Marks the incident, and moves it to the host, where page-locked memory was asked for.
pub(super) fn tell_apart(hit: &Match<'_>, incident: &mut Incident) {
    if is_pinned(hit) {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}

fn is_pinned(hit: &Match<'_>) -> bool {
    let stack = hit
        .before
        .rfind("Traceback(mostrecentcalllast)")
        .and_then(|at| hit.before.get(at..))
        .unwrap_or(hit.before);
    let innermost = stack
        .rfind("File\"")
        .and_then(|at| stack.get(at..))
        .unwrap_or("");
    // Rich's boxes have no such word: the line it points at calls.
    let pointed = hit.before.rfind('❱').and_then(|at| hit.before.get(at..));
    let pointed = pointed.is_some_and(|line| innermost.is_empty() && holds(line, CALLS[0]));
    let below = start(hit.text, 1500);
    // What comes to the host without waiting comes into pinned memory (aten/src/ATen/native/TensorConversions.cpp, `_to_copy`).
    let copied = [
        ".to(\"cpu\",non_blocking=True)",
        ".to('cpu',non_blocking=True)",
    ]
    .iter()
    .any(|call| holds(stack, call));
    pointed
        || copied
        || CALLS.iter().any(|call| holds(innermost, call))
        || THREAD.iter().any(|words| holds(hit.before, words))
        || ["cudaHostAlloc", "cudaHostRegister", "CachingHostAllocator"]
            .iter()
            .any(|call| holds(below, call))
}

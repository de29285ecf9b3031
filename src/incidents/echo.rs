//! What speaks of memory too and only follows from an earlier failure.

use super::near;
use crate::evidence::{Incident, Memory};

/// The formats of what libraries and launchers say of memory when the allocator has failed already.
pub(super) const ECHOES: [&str; 12] = [
    "cuda-error",
    "cuda-library",
    "nccl-oom",
    "elastic-sigkill",
    "killed-line",
    "ollama-runner",
    "ollama-layout",
    "sd-params-buffer",
    "accelerate-no-batch",
    "vulkan-memory",
    "vllm-warmup",
    "tgi-memory",
];

/// A consequence that speaks of memory too: a library that failed after the allocator did, a launcher's SIGKILL.
pub(super) fn follows(earlier: &Incident, later: &Incident) -> bool {
    let device = earlier.memory == Memory::Device && !ECHOES.contains(&earlier.format);
    let pinned = later.marked("pinned");
    // A search for a batch size gives up for what ran out before, of the host too.
    let gives_up = later.format == "accelerate-no-batch";
    (device || gives_up) && ECHOES.contains(&later.format) && !pinned && near(earlier, later)
}

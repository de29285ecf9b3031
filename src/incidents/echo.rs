//! What speaks of memory too and only follows from an earlier failure.

use super::near;
use crate::evidence::{Flag, Incident, Memory, MessageId};

/// The formats of what libraries and launchers say of memory when the allocator has failed already.
pub(super) const ECHOES: [MessageId; 12] = [
    MessageId::CudaError,
    MessageId::CudaLibrary,
    MessageId::NcclOom,
    MessageId::ElasticSigkill,
    MessageId::KilledLine,
    MessageId::OllamaRunner,
    MessageId::OllamaLayout,
    MessageId::SdParamsBuffer,
    MessageId::AccelerateNoBatch,
    MessageId::VulkanMemory,
    MessageId::VllmWarmup,
    MessageId::TgiMemory,
];

/// A consequence that speaks of memory too: a library that failed after the allocator did, a launcher's SIGKILL.
pub(super) fn follows(earlier: &Incident, later: &Incident) -> bool {
    let device = earlier.memory == Memory::Device && !ECHOES.contains(&earlier.format);
    let pinned = later.flagged(Flag::Pinned);
    // A search for a batch size gives up for what ran out before, of the host too.
    let gives_up = later.format == MessageId::AccelerateNoBatch;
    (device || gives_up) && ECHOES.contains(&later.format) && !pinned && near(earlier, later)
}

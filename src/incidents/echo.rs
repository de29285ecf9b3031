//! What speaks of memory too and only follows from an earlier failure.

use super::near;
use crate::evidence::{Flag, Incident, Key, Memory, MessageId};

/// The formats of what libraries and launchers say of memory when the allocator has failed already.
pub(super) const ECHOES: [MessageId; 21] = [
    MessageId::TensorrtBuilder,
    MessageId::DeviceShort,
    MessageId::DeviceSaid,
    MessageId::DeviceStatus,
    MessageId::DeviceExhausted,
    MessageId::DeviceLacking,
    MessageId::DeviceScarce,
    MessageId::CudaMacroLine,
    MessageId::DeviceRefused,
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

/// On Windows the driver takes commit charge of the host for every allocation on the GPU. Where the host has just run out of it,
/// a refusal of the GPU that was not full is the same failure.
pub(super) fn same_commit(earlier: &Incident, later: &Incident) -> bool {
    const RAN_OUT: [MessageId; 8] = [
        MessageId::CpuAllocator,
        MessageId::WindowsCommit,
        MessageId::HostRefused,
        MessageId::RuntimeRefused,
        MessageId::NumpyMemoryError,
        MessageId::PythonMemoryError,
        MessageId::GgmlBuffer,
        MessageId::ComfyHostBuffer,
    ];
    let facts = &later.facts;
    let told = facts.get(Key::Free).zip(facts.get(Key::Tried));
    // The page file's own word is enough where the GPU's figures say nothing against it.
    let room = match told {
        Some((free, tried)) => free.surely_at_least(tried),
        None => earlier.format == MessageId::WindowsCommit,
    };
    RAN_OUT.contains(&earlier.format)
        && earlier.memory == Memory::Host
        && later.memory == Memory::Device
        && earlier.rank == later.rank
        && (room || facts.is_empty())
        && near(earlier, later)
}

/// What CUDA's libraries say where they got no memory.
const LIBRARIES: [MessageId; 3] = [
    MessageId::CudaError,
    MessageId::CudaLibrary,
    MessageId::NcclOom,
];

/// Libraries of two ranks that got no memory in one crash.
pub(super) fn of_one_crash(earlier: &Incident, later: &Incident) -> bool {
    let both = |incident: &Incident| LIBRARIES.contains(&incident.format);
    both(earlier) && both(later) && of_another_rank(earlier, later) && near(earlier, later)
}

/// True where the library of one rank got no memory, and then the allocator of another says what there was; or a board its memory, and
/// then the program fails: one crash.
pub(super) fn goes_before(earlier: &Incident, later: &Incident) -> bool {
    let device = later.memory == Memory::Device && !ECHOES.contains(&later.format);
    // Below the allocator of the same process the board's own library says it first.
    let of_the_board = earlier.format == MessageId::NvmapMemory && earlier.rank == later.rank;
    if of_the_board && device && near(earlier, later) {
        return true;
    }
    device
        && LIBRARIES.contains(&earlier.format)
        && of_another_rank(earlier, later)
        && near(earlier, later)
}

fn of_another_rank(earlier: &Incident, later: &Incident) -> bool {
    let ranks = earlier.rank.zip(later.rank);
    ranks.is_some_and(|(one, other)| one != other)
}

/// What a program's own lines say of one call: the status, the size, the sentence around both.
const OWN: [MessageId; 7] = [
    MessageId::DeviceSaid,
    MessageId::DeviceStatus,
    MessageId::CudaMacroLine,
    MessageId::DeviceRefused,
    MessageId::DeviceExhausted,
    MessageId::DeviceLacking,
    MessageId::DeviceScarce,
];

/// A consequence that speaks of memory too: a library that failed after the allocator did, a launcher's SIGKILL.
pub(super) fn follows(earlier: &Incident, later: &Incident) -> bool {
    const WITHIN: u64 = 40;
    let close = later.place.line.saturating_sub(earlier.place.line) <= WITHIN;
    let own = OWN.contains(&earlier.format) && close;
    let first = own || !ECHOES.contains(&earlier.format);
    let device = earlier.memory == Memory::Device && first;
    let pinned = later.flagged(Flag::Pinned);
    // A search for a batch size gives up for what ran out before, of the host too.
    let gives_up = later.format == MessageId::AccelerateNoBatch;
    (device || gives_up) && ECHOES.contains(&later.format) && !pinned && near(earlier, later)
}

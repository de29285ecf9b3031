//! What a message tells beside its numbers, as words that formats leave in [`Incident::marks`] and that causes and fixes
//! look for.
//!
//! [`Incident::marks`]: crate::evidence::Incident::marks

/// The size asked for is 2^60 bytes or more: corrupt or negative, never a real need.
pub const CORRUPT_SIZE: &str = "corrupt-size";
/// The allocator refused before it asked the driver, since a memory fraction is set.
pub const PREEMPTIVE_LIMIT: &str = "preemptive-limit";
/// The allocator behind a `MemPool` is the user's own, and gave nothing.
pub const CUSTOM_ALLOCATOR: &str = "custom-allocator";
/// One request is larger than the address space that an expandable segment keeps.
pub const EXPANDABLE_RESERVE: &str = "expandable-reserve";
/// One buffer is larger than the platform allows for a single one; freeing memory does not help.
pub const SINGLE_ALLOCATION_LIMIT: &str = "single-allocation-limit";
/// A real failure, the figures of which were lost on the way.
pub const FIGURES_LOST: &str = "figures-lost";
/// A status that mostly, not always, means that memory ran out.
pub const AMBIGUOUS: &str = "ambiguous";
/// A library wanted memory of its own, outside the framework's allocator: for a handle, a plan or a communicator.
pub const LIBRARY: &str = "library";
/// The message ends in the allocator's own advice against fragmentation.
pub const HINT: &str = "hint";
/// Host memory that was to be page-locked.
pub const PINNED: &str = "pinned";
/// The kernel's out-of-memory killer did it: by its own word or that of who watched, or, with [`SIGKILL`], most likely.
pub const OOM_KILLER: &str = "oom-killer";
/// The limit of a control group (container, job, pod), and not the whole machine's memory.
pub const CGROUP: &str = "cgroup";
/// Shared memory (/dev/shm) ran out.
pub const SHM: &str = "shm";
/// Killed by SIGKILL, and nobody says why.
pub const SIGKILL: &str = "sigkill";
/// A line that is printed just before the exception of the same failure.
pub const ANNOUNCEMENT: &str = "announcement";
/// A memory pool says itself that its own limit refused, whatever the device has.
pub const POOL_LIMIT: &str = "pool-limit";
/// What was asked for is the share of the device that the framework takes in advance, and no tensor's size.
pub const SHARE: &str = "share";
/// An engine worked out that its own share of the device leaves nothing for its cache; no allocation was refused.
pub const NO_CACHE: &str = "no-cache";
/// An engine worked out that one request of the longest context that it allows needs more cache than it has.
pub const LONGEST_CONTEXT: &str = "longest-context";
/// The engine's builder tries ways to compute a layer, and can go on without this one.
pub const PROBE: &str = "probe";

/// The buffer that was refused is that of a model's weights.
pub const FOR_WEIGHTS: &str = "for-weights";
/// It is that of the cache of keys and values, or of recurrent states.
pub const FOR_CACHE: &str = "for-cache";
/// It is the work space for activations.
pub const FOR_WORK: &str = "for-work";
/// It was refused in the middle of the work, not at the start.
pub const AT_WORK: &str = "at-work";

/// Every batch size failed, down to one.
pub const EVERY_BATCH: &str = "every-batch";
/// A container's share of the device refused.
pub const QUOTA: &str = "quota";

/// A model is spread over several devices.
pub const SEVERAL_DEVICES: &str = "several-devices";

/// Every mark.
pub const ALL: [&str; 27] = [
    CORRUPT_SIZE,
    PREEMPTIVE_LIMIT,
    CUSTOM_ALLOCATOR,
    EXPANDABLE_RESERVE,
    SINGLE_ALLOCATION_LIMIT,
    FIGURES_LOST,
    AMBIGUOUS,
    LIBRARY,
    HINT,
    PINNED,
    OOM_KILLER,
    CGROUP,
    SHM,
    SIGKILL,
    ANNOUNCEMENT,
    POOL_LIMIT,
    SHARE,
    NO_CACHE,
    LONGEST_CONTEXT,
    PROBE,
    FOR_WEIGHTS,
    FOR_CACHE,
    FOR_WORK,
    AT_WORK,
    EVERY_BATCH,
    QUOTA,
    SEVERAL_DEVICES,
];

//! What a message tells beside its numbers: words that formats find, and that findings and fixes ask for.

/// One thing that a message tells beside its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flag {
    /// The size asked for is 2^60 bytes or more: corrupt or negative, never a real need.
    CorruptSize,
    /// The allocator refused before it asked the driver, since a memory fraction is set.
    PreemptiveLimit,
    /// The allocator behind a `MemPool` is the user's own, and gave nothing.
    CustomAllocator,
    /// One request is larger than the address space that an expandable segment keeps.
    ExpandableReserve,
    /// One buffer is larger than the platform allows for a single one; freeing memory does not help.
    SingleAllocationLimit,
    /// A status that mostly, not always, means that memory ran out.
    Ambiguous,
    /// A library wanted memory of its own, outside the framework's allocator: for a handle, a plan or a communicator.
    Library,
    /// The message ends in the allocator's own advice against fragmentation.
    Hint,
    /// Host memory that was to be page-locked.
    Pinned,
    /// The kernel's out-of-memory killer did it: by its own word or that of who watched, or most likely.
    OomKiller,
    /// The limit of a control group (container, job, pod), and not the whole machine's memory.
    Cgroup,
    /// Shared memory (/dev/shm) ran out.
    Shm,
    /// A memory pool says itself that its own limit refused, whatever the device has.
    PoolLimit,
    /// A pool might have grown by more than was asked for, and the driver refused every size down to that.
    DriverRefused,
    /// What was asked for is the share of the device that the framework takes in advance, and no tensor's size.
    Share,
    /// An engine that slept takes back what it gave away.
    Awakes,
    /// What was refused is a part of the pool of an engine that can sleep.
    EnginePool,
    /// An engine worked out that its own share of the device leaves nothing for its cache; no allocation was refused.
    NoCache,
    /// An engine worked out that one request of the longest context that it allows needs more cache than it has.
    LongestContext,
    /// The engine's builder tries ways to compute a layer, and can go on without this one.
    Probe,
    /// The buffer that was refused is that of a model's weights.
    ForWeights,
    /// It is that of the cache of keys and values, or of recurrent states.
    ForCache,
    /// It is the work space for activations.
    ForWork,
    /// A convolution asked for it, which images and sound go through.
    Convolution,
    /// It is an image that is being decoded.
    ForDecoding,
    /// It was refused in the middle of the work, not at the start.
    AtWork,
    /// The log shows models that the same program loaded before, which hold what is not free.
    EarlierModels,
    /// Every batch size failed, down to one.
    EveryBatch,
    /// A container's share of the device refused.
    Quota,
    /// What was refused is a state that the optimizer keeps, by the name of the operation.
    ForOptimizer,
    /// The program says itself that it was not for lack of memory: addresses or the driver.
    NotMemory,
    /// The GPU refused below it too, for which Windows takes commit charge of the host.
    CommitCharge,
    /// The program worked out that a load would not fit, and did not try it.
    Estimate,
    /// A model is spread over several devices.
    SeveralDevices,
    /// One of the listed processes is the failing one itself, and the figures do not tell which.
    SelfListed,
    /// The driver gave an encoder no further session.
    Sessions,
    /// A library's own code ran a model for its answer alone.
    Infers,
    /// The last thing that the log tells before it is the result of an evaluation, and training goes on.
    AfterEvaluation,
}

/// The flags of one failure.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u64);

impl Flags {
    /// Sets one.
    pub const fn insert(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    /// Takes one back.
    pub const fn remove(&mut self, flag: Flag) {
        self.0 &= !(1 << flag as u8);
    }

    /// Sets several.
    pub fn extend(&mut self, flags: impl IntoIterator<Item = Flag>) {
        flags.into_iter().for_each(|flag| self.insert(flag));
    }

    /// True where it is set.
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }
}

impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Flags({:#b})", self.0)
    }
}

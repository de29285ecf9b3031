//! One number of an incident, with its rounding interval and the line it was read from.

use std::collections::BTreeMap;

use crate::bytes::Bytes;

/// Every kind of number that an incident can carry. Names are those of the JSON report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// What the failed call asked the driver for. For `PyTorch` the segment size, which is not the tensor's size.
    Tried,
    /// All memory of the device, as the runtime sees it (the slice, under MIG).
    Total,
    /// What the driver still had to give, read after the failure; of a budget, what it leaves.
    Free,
    /// Held by the framework's allocator: allocated plus idle.
    Reserved,
    /// Handed out to tensors.
    Allocated,
    /// Idle in the allocator.
    ReservedUnallocated,
    /// All that the driver books to this process: context and libraries included.
    ProcessInUse,
    /// A cap somebody set below the device.
    Limit,
    /// Free bytes that only CUDA graphs' or other private pools may use; printed inside `allocated` from 2.4 on.
    PrivatePools,
    /// The figure that `PyTorch` 1.0 to 1.3 called "cached": reserved minus allocated.
    CachedAsPrinted,
    /// Memory of the process outside the framework's own allocator, as Metal and vLLM count it.
    OtherAllocations,
    /// Handed out, or waiting for another stream before it can be reused.
    Active,
    /// What the tensors themselves asked for, before rounding.
    Requested,
    /// Idle pieces of segments that are partly in use ("non-releasable").
    InactiveSplit,
    /// The most that was ever allocated.
    PeakAllocated,
    /// The most that was ever reserved.
    PeakReserved,
    /// The largest free piece of the allocator's memory that could have served the request.
    LargestFree,
    /// What XLA plans a program to fit into: four fifths of the device, unless somebody configured it.
    PlannedLimit,
    /// What a compiler was to bring a program's need down to.
    RecomputedLimit,
    /// In use on the device, whoever holds it: total minus free.
    DeviceInUse,
    /// In use on the host, whoever holds it.
    HostInUse,
    /// What the weights of a model take.
    Weights,
    /// The most that a trial run took beside the weights.
    ActivationPeak,
    /// What the driver had to give when the program began to load its model.
    FreeAtStart,
    /// What the cache of keys and values, or of recurrent states, takes.
    KvCache,
    /// What the work space for activations takes.
    ComputeBuffer,
    /// What llama.cpp plans to take in all, before it takes anything.
    Projected,
    /// What of that is for the cache of keys and values.
    ProjectedCache,
    /// How much a program finds missing when it plans: vLLM for any cache at all, llama.cpp for its buffers.
    Deficit,
}

impl Key {
    /// Every key, in the order of the report.
    pub const ALL: [Self; 29] = [
        Self::Tried,
        Self::Total,
        Self::Free,
        Self::Reserved,
        Self::Allocated,
        Self::ReservedUnallocated,
        Self::ProcessInUse,
        Self::Limit,
        Self::PrivatePools,
        Self::CachedAsPrinted,
        Self::OtherAllocations,
        Self::Active,
        Self::Requested,
        Self::InactiveSplit,
        Self::PeakAllocated,
        Self::PeakReserved,
        Self::LargestFree,
        Self::PlannedLimit,
        Self::RecomputedLimit,
        Self::DeviceInUse,
        Self::HostInUse,
        Self::Weights,
        Self::ActivationPeak,
        Self::FreeAtStart,
        Self::KvCache,
        Self::ComputeBuffer,
        Self::Projected,
        Self::ProjectedCache,
        Self::Deficit,
    ];

    /// The key in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tried => "tried",
            Self::Total => "total",
            Self::Free => "free",
            Self::Reserved => "reserved",
            Self::Allocated => "allocated",
            Self::ReservedUnallocated => "reserved_unallocated",
            Self::ProcessInUse => "process_in_use",
            Self::Limit => "limit",
            Self::PrivatePools => "private_pools",
            Self::CachedAsPrinted => "cached_as_printed",
            Self::OtherAllocations => "other",
            Self::Active => "active",
            Self::Requested => "requested",
            Self::InactiveSplit => "inactive_split",
            Self::PeakAllocated => "peak_allocated",
            Self::PeakReserved => "peak_reserved",
            Self::LargestFree => "largest_free",
            Self::PlannedLimit => "planned_limit",
            Self::RecomputedLimit => "recomputed_limit",
            Self::DeviceInUse => "device_in_use",
            Self::HostInUse => "host_in_use",
            Self::Weights => "weights",
            Self::ActivationPeak => "activation_peak",
            Self::FreeAtStart => "free_at_start",
            Self::KvCache => "kv_cache",
            Self::ComputeBuffer => "compute_buffer",
            Self::Projected => "projected",
            Self::ProjectedCache => "projected_cache",
            Self::Deficit => "deficit",
        }
    }
}

/// Which print a fact came from. A message is a photograph of the failure; a table may be of another moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactSource {
    /// The failure's own message.
    Message,
    /// `torch.cuda.memory_summary()`.
    Summary,
    /// `torch.cuda.memory_stats()`, or the counters that another allocator prints beside its failure.
    Stats,
}

/// One number, with all that prints so, as it was printed and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Every byte count that prints as `text`.
    pub bytes: Bytes,
    /// The digits and unit as they stand in the input.
    pub text: String,
    /// The line of the raw input, from 1.
    pub line: u64,
    /// The print that it came from.
    pub source: FactSource,
}

/// The facts of one incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    map: BTreeMap<Key, Fact>,
}

impl Facts {
    /// Keeps a fact unless one of the same key is there already: the first reading is the nearest to the failure.
    pub fn insert(&mut self, key: Key, fact: Fact) {
        self.map.entry(key).or_insert(fact);
    }

    /// The interval behind a key; `None` where it was not printed, or is a sentinel and no size.
    pub fn get(&self, key: Key) -> Option<Bytes> {
        self.map
            .get(&key)
            .map(|fact| fact.bytes)
            .filter(|bytes| !bytes.is_sentinel())
    }

    /// Lets go of a number that turned out to be none.
    pub fn remove(&mut self, key: Key) {
        self.map.remove(&key);
    }

    /// Lets go of all that is no size: "not available" and "no limit", which print as 2^64 bytes.
    pub fn forget_sentinels(&mut self) {
        self.map.retain(|_, fact| !fact.bytes.is_sentinel());
    }

    /// The whole fact behind a key, sentinels included.
    pub fn fact(&self, key: Key) -> Option<&Fact> {
        self.map.get(&key)
    }

    /// True where nothing was read.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The lines that they were read from.
    pub(crate) fn lines_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        self.map.values_mut().map(|fact| &mut fact.line)
    }

    /// All facts, in the order of [`Key::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Fact)> {
        self.map.iter().map(|(key, fact)| (*key, fact))
    }
}

//! One number of an incident, with its rounding interval and the line it was read from.

use std::collections::BTreeMap;

use super::named;
use crate::bytes::Bytes;

named! {
    /// Every kind of number that an incident can carry. Names are those of the JSON report.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Key {
        /// What the failed call asked the driver for. For `PyTorch` the segment size, which is not the tensor's size.
        Tried => "tried",
        /// All memory of the device, as the runtime sees it (the slice, under MIG).
        Total => "total",
        /// What the driver still had to give, read after the failure; of a budget, what it leaves.
        Free => "free",
        /// Held by the framework's allocator: allocated plus idle.
        Reserved => "reserved",
        /// Handed out to tensors.
        Allocated => "allocated",
        /// Idle in the allocator.
        ReservedUnallocated => "reserved_unallocated",
        /// All that the driver books to this process: context and libraries included.
        ProcessInUse => "process_in_use",
        /// A cap somebody set below the device.
        Limit => "limit",
        /// Free bytes that only CUDA graphs' or other private pools may use; printed inside `allocated` from 2.4 on.
        PrivatePools => "private_pools",
        /// The figure that `PyTorch` 1.0 to 1.3 called "cached": reserved minus allocated.
        CachedAsPrinted => "cached_as_printed",
        /// Memory of the process outside the framework's own allocator, as Metal and vLLM count it.
        OtherAllocations => "other",
        /// Handed out, or waiting for another stream before it can be reused.
        Active => "active",
        /// What the tensors themselves asked for, before rounding.
        Requested => "requested",
        /// Idle pieces of segments that are partly in use ("non-releasable").
        InactiveSplit => "inactive_split",
        /// The most that was ever allocated.
        PeakAllocated => "peak_allocated",
        /// The most that was ever reserved.
        PeakReserved => "peak_reserved",
        /// The largest free piece of the allocator's memory that could have served the request.
        LargestFree => "largest_free",
        /// What XLA plans a program to fit into: four fifths of the device, unless somebody configured it.
        PlannedLimit => "planned_limit",
        /// What a compiler was to bring a program's need down to.
        RecomputedLimit => "recomputed_limit",
        /// In use on the device, whoever holds it: total minus free.
        DeviceInUse => "device_in_use",
        /// In use on the host, whoever holds it.
        HostInUse => "host_in_use",
        /// What the weights of a model take.
        Weights => "weights",
        /// The most that a trial run took beside the weights.
        ActivationPeak => "activation_peak",
        /// What the driver had to give when the program began to load its model.
        FreeAtStart => "free_at_start",
        /// What the cache of keys and values, or of recurrent states, takes.
        KvCache => "kv_cache",
        /// What the work space for activations takes.
        ComputeBuffer => "compute_buffer",
        /// What llama.cpp plans to take in all, before it takes anything.
        Projected => "projected",
        /// What of that is for the cache of keys and values.
        ProjectedCache => "projected_cache",
        /// How much a program finds missing when it plans: vLLM for any cache at all, llama.cpp for its buffers.
        Deficit => "deficit",
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

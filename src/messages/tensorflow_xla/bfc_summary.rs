//! The counters that the best-fit allocator of TensorFlow and XLA prints below its failure.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::tensorflow_xla::bfc_allocator;
use crate::messages::{Example, Field, Match, Message, Role, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BfcSummary,
    printed_by: "xla/tsl/framework/bfc_allocator.cc (DumpMemoryLog) and allocator.cc (AllocatorStats)",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &[
        "Sum Total of in-use chunks",
        "total_region_allocated_bytes_",
        "Allocator memory summary: rounded",
        "MaxInUse: ",
    ],
    head: r"SumTotalofin-usechunks:|total_region_allocated_bytes_:|Allocatormemorysummary:rounded|Limit:\d[\d.]*(?:[kmgt]?i?b)?InUse:\d",
    accepts: Some(begins),
    reach: 1500,
    source: FactSource::Stats,
    fields: &[
        Field(Key::Limit, r"memory_limit_:{bytes}"),
        Field(Key::Limit, r"poollimit{size}"),
        Field(Key::Limit, r"Limit:{bytes}InUse"),
        Field(Key::Reserved, r"total_region_allocated_bytes_:{bytes}"),
        Field(Key::Reserved, r"poolsize{size}"),
        // Raw numbers up to 2025, sizes since.
        Field(Key::Allocated, r"[^a-z]InUse:{bytes}MaxInUse"),
        Field(Key::Allocated, r"[a-z0-9]InUse:{size}MaxInUse"),
        Field(Key::Allocated, r"SumTotalofin-usechunks:{size}"),
        Field(Key::ReservedUnallocated, r"totalfreeinpool{size}"),
        Field(
            Key::LargestFree,
            r"largestfreechunkusableby[a-z]{1,12}end{size}",
        ),
        Field(Key::PeakAllocated, r"MaxInUse:{bytes}NumAllocs"),
        Field(Key::PeakAllocated, r"MaxInUse:{size}NumAllocs"),
        // Cut off behind it.
        Field(Key::PeakAllocated, r"MaxInUse:{bytes}(?:[^0-9a-z]|$)"),
    ],
    more: Some(bfc_allocator::tell_place),
    examples: &[
        Example(
            "2024-05-02 10:11:12.134: I tsl/framework/bfc_allocator.cc:1113] Sum Total of in-use chunks: 11.18GiB\n\
                   2024-05-02 10:11:12.134: I tsl/framework/bfc_allocator.cc:1119] total_region_allocated_bytes_: 12005999411 \
                   memory_limit_: 12005999411 available bytes: 0 curr_region_allocation_bytes_: 24011998822\n\
                   2024-05-02 10:11:12.134: I tsl/framework/bfc_allocator.cc:1121] Stats: \nLimit:                     \
                   12005999411\nInUse:                     12004433664\nMaxInUse:                  12005000192\n\
                   NumAllocs:                         812\nMaxAllocSize:               2147483648\nReserved:              \
                   \x20           0\nPeakReserved:                        0\nLargestFreeBlock:                    0",
            &[
                (Key::Limit, "12005999411"),
                (Key::Reserved, "12005999411"),
                (Key::Allocated, "12004433664"),
                (Key::PeakAllocated, "12005000192"),
            ],
        ),
        Example(
            "I1120 10:11:12.131415    4242 bfc_allocator.cc:1290] Sum Total of in-use chunks: 100.00GiB\nI1120 \
                   10:11:12.131416    4242 bfc_allocator.cc:1292] Allocator memory summary: rounded request 8.00GiB, total free \
                   in pool 4.84GiB, largest free chunk usable by lower end 4.80GiB, unallocated bytes 0B, pool size \
                   104.84GiB, pool limit 104.84GiB\nI1120 10:11:12.131417    4242 bfc_allocator.cc:1310] Allocator region \
                   growth hint: next region allocation target 209.68GiB (growth disabled; fixed-size pool; not an attempted \
                   allocation).\nI1120 10:11:12.131418    4242 bfc_allocator.cc:1320] Stats: \nLimit:                       \
                   104.84GiB\nInUse:                       100.00GiB\nMaxInUse:                    100.50GiB\nNumAllocs: \
                   \x20                       58\nMaxAllocSize:                  8.00GiB\nReserved:                         \
                   0B\nPeakReserved:                     0B\nLargestFreeBlock:              4.80GiB",
            &[
                (Key::Limit, "104.84 GiB"),
                (Key::Reserved, "104.84 GiB"),
                (Key::Allocated, "100.00 GiB"),
                (Key::ReservedUnallocated, "4.84 GiB"),
                (Key::LargestFree, "4.80 GiB"),
                (Key::PeakAllocated, "100.50 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};

/// The first of its lines.
fn begins(hit: &Match<'_>) -> bool {
    let near = tail(hit.before, 120);
    let before = tail(hit.before, 600);
    let counters = hit.capture(r"^Limit:").is_some();
    let told = [
        "total_region_allocated_bytes_:",
        "SumTotalofin-usechunks:",
        "Allocatormemorysummary:",
    ];
    let carried_on = counters && told.iter().any(|words| holds(before, words));
    !carried_on && !holds(near, "SumTotalofin-usechunks:")
}

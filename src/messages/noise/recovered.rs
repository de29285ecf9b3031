//! Lines of the allocator's own log: an attempt that failed before another one was made, and warnings without a failure.

use crate::evidence::{MessageId, Program};
use crate::messages::{Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NoiseRecovered,
    printed_by: "c10/cuda/CUDACachingAllocator.cpp from 2.13 and CUDAMallocAsyncAllocator.cpp from 2.14",
    role: Role::Noise,
    framework: Program::Pytorch,
    signatures: &[
        "failed with OOM on device",
        "recovered from an allocation failure",
        "[ExpandableSegmentVA] Failed",
        "expandable_segments not supported",
    ],
    head: r"(?:memoryallocation|memorymapping)failedwithOOMondevice\d+while[!-'*-~]{0,80}\(free:\d+,total:\d+\)|recoveredfromanallocationfailurebytrimming|\[ExpandableSegmentVA\]Failedtoreserve\d+bytes(?:[!-~]{0,200}driverreported:[!-(*-~]{0,80})?|expandable_segmentsnotsupported",
    reach: 500,
    texts: &[
        "[W1120 16:00:28.643448608 CUDACachingAllocator.cpp:3933] memory allocation failed with OOM on device 0 \
                   while trying to allocate 2147483648 bytes (free: 1048576, total: 85017624576).",
        "expandable_segments: memory mapping failed with OOM on device 1 while trying to map 20971520 bytes (free: \
                   7340032, total: 85017624576).",
        "[cudaMallocAsync] recovered from an allocation failure by trimming the pool and retrying.",
        "[ExpandableSegmentVA] Failed to reserve 95644352512 bytes (~89.08 GiB) of virtual address space for an \
                   expandable CUDA segment on device 0 (driver reported: CUDA_ERROR_OUT_OF_MEMORY).",
        "UserWarning: expandable_segments not supported on this platform (Triggered internally at \
                   ../c10/cuda/CUDAAllocatorConfig.h:28.)",
    ],
    ..Message::EMPTY
};

//! "CUDA out of memory. Tried to allocate …": the native caching allocator of PyTorch 1.0 to 2.15, and its copies for
//! ROCm, MUSA, MLU and GCU, which kept its words.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::wording;
use crate::messages::parts::{cut_short, listed, told};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchCuda,
    printed_by: "c10/cuda/CUDACachingAllocator.cpp, PyTorch 1.0 to 2.15",
    framework: Program::Pytorch,
    signatures: &[
        "out of memory. Tried to",
        "Tried to allocate",
        "has a total capac",
        "already allocated;",
        "preemptively rejected because",
    ],
    head: r"(?:CUDA|HIP|MUSA|MLU|GCU)outofmemory[.*`_]{0,5}(?:Triedtoallocate(?:[*`_]{0,3}-?\d|morethan1EB|[!-/:-~]{1,12}?\(?GPU\d+(?:;|hasatotalcap))|Allocationwaspreemptively)|Triedtoallocate\d[\d.]*(?:[KMGT]iB|bytes)\.?\(?GPU\d+(?:;|hasatotalcap)|\(GPU\d+;[\d.]+[KMGT]iBtotalcapacity;|GPU\d+hasatotalcapaci?tyof[\d.]+[KMGT]iBofwhich",
    accepts: Some(wording::begins),
    // 64 processes take 4000 bytes.
    reach: 6000,
    fields: &[
        Field(Key::Tried, r"Triedtoallocate{size}"),
        Field(Key::Tried, r"Requestedsize:{size}"),
        Field(Key::Total, r"{size}totalcapacity"),
        Field(Key::Total, r"totalcapacityof{size}"),
        // Some releases spell it so.
        Field(Key::Total, r"{size}totalcapacty"),
        Field(Key::Total, r"totalcapactyof{size}"),
        Field(Key::Free, r";{size}free"),
        // People's excerpts end anywhere behind the figure.
        Field(Key::Free, r"ofwhich{size}"),
        Field(Key::Allocated, r"{size}alreadyallocated"),
        Field(Key::Allocated, r"memory{size}isallocatedbyPyTorch"),
        Field(Key::Reserved, r"{size}reservedintotalby"),
        // Up to 1.3 the figure called "cached" is reserved minus allocated, not the total
        // (c10/cuda/CUDACachingAllocator.cpp passes amount_cached - amount_allocated).
        Field(Key::CachedAsPrinted, r"{size}cached\)"),
        Field(Key::ReservedUnallocated, r"{size}cached\)"),
        Field(
            Key::ReservedUnallocated,
            r"and{size}isreservedbyPyTorchbutunallocated",
        ),
        Field(Key::PrivatePools, r"with{size}allocatedinprivatepools"),
        Field(Key::Limit, r"{size}allowed;"),
        Field(Key::ProcessInUse, r"thisprocesshas{size}memoryinuse"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: CUDA out of memory. Tried to allocate 32.00 MiB (GPU 1; 7.80 GiB total capacity; 6.61 GiB \
                   already allocated; 21.00 MiB free; 150.80 MiB cached)",
            &[
                (Key::Tried, "32.00 MiB"),
                (Key::Free, "21.00 MiB"),
                (Key::ReservedUnallocated, "150.80 MiB"),
            ],
        ),
        Example(
            "RuntimeError: CUDA out of memory. Tried to allocate 2.26 GiB (GPU 0; 23.69 GiB total capacity; 16.10 GiB \
                   already allocated; 375.00 MiB free; 20.00 GiB allowed; 19.00 GiB reserved in total by PyTorch) If \
                   reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.  See \
                   documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF",
            &[
                (Key::Total, "23.69 GiB"),
                (Key::Limit, "20.00 GiB"),
                (Key::Reserved, "19.00 GiB"),
            ],
        ),
        Example(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 546.00 MiB. GPU 0 has a total capacity of \
                   15.77 GiB of which 514.19 MiB is free. Process 4711 has 120.00 MiB memory in use. Including non-PyTorch \
                   memory, this process has 15.13 GiB memory in use. 15.00 GiB allowed; Of the allocated memory 13.73 GiB \
                   is allocated by PyTorch, with 46.00 MiB allocated in private pools (e.g., CUDA Graphs), and 736.86 MiB \
                   is reserved by PyTorch but unallocated.",
            &[
                (Key::Tried, "546.00 MiB"),
                (Key::Total, "15.77 GiB"),
                (Key::Free, "514.19 MiB"),
                (Key::Allocated, "13.73 GiB"),
                (Key::ReservedUnallocated, "736.86 MiB"),
                (Key::ProcessInUse, "15.13 GiB"),
                (Key::Limit, "15.00 GiB"),
                (Key::PrivatePools, "46.00 MiB"),
            ],
        ),
        // 2.3 streams GPU 0 as a NUL byte, where Python ends the text (pytorch/pytorch#126766).
        Example(
            "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 312.00 MiB. GPU ",
            &[(Key::Tried, "312.00 MiB")],
        ),
        Example(
            "torch.OutOfMemoryError: HIP out of memory. Tried to allocate 16.00 GiB. GPU 0 has a total capacity of \
                   15.24 GiB of which 15.09 GiB is free. Of the allocated memory 0 bytes is allocated by PyTorch, and 0 \
                   bytes is reserved by PyTorch but unallocated.",
            &[(Key::Tried, "16.00 GiB"), (Key::Allocated, "0 bytes")],
        ),
        Example(
            "torch.OutOfMemoryError: CUDA out of memory. Allocation was preemptively rejected because it would exceed \
                   per_process_memory_fraction limit. Requested size: 4.00 GiB",
            &[(Key::Tried, "4.00 GiB")],
        ),
        // Set in bold, with the first figure left out.
        Example(
            "**RuntimeError: CUDA out of memory.** Tried to allocate **1.20 GiB** (GPU 1; 15.75 GiB total capacity; 13.90 GiB \
                   already allocated; 600.00 MiB free; 14.20 GiB reserved in total by PyTorch)",
            &[(Key::Tried, "1.20 GiB"), (Key::Total, "15.75 GiB")],
        ),
        Example(
            "RuntimeError: CUDA out of memory. Tried to allocate XX MiB (GPU 0; 23.50 GiB total capacity; 22.70 GiB already \
                   allocated; 30.00 MiB free; 22.90 GiB reserved in total by PyTorch)",
            &[(Key::Total, "23.50 GiB"), (Key::Reserved, "22.90 GiB")],
        ),
        // Pasted from the middle, or put behind other words.
        Example(
            "Tried to allocate 226.00 MiB. GPU 0 has a total capacity of 15.70 GiB of which 110.38 MiB is free. Of the \
                   allocated memory 14.61 GiB is allocated by PyTorch, and 136.73 MiB is reserved by PyTorch but unallocated.",
            &[(Key::Tried, "226.00 MiB"), (Key::Free, "110.38 MiB")],
        ),
        Example(
            "(GPU 0; 15.75 GiB total capacity; 79.11 MiB already allocated; 3.62 MiB free; 86.00 MiB reserved in total by \
                   PyTorch)",
            &[(Key::Allocated, "79.11 MiB"), (Key::Free, "3.62 MiB")],
        ),
    ],
    texts: &["RuntimeError: CUDA out of memory. Tried to allocate more than 1EB memory."],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("morethan1EB") {
        incident.flags.insert(Flag::CorruptSize);
    }
    if hit.says("preemptivelyrejected") {
        incident.flags.insert(Flag::PreemptiveLimit);
    }
    if hit.says("customallocatorbackingthisMemPool") {
        incident.flags.insert(Flag::CustomAllocator);
    }
    if hit.says("toavoidfragmentation") {
        incident.flags.insert(Flag::Hint);
    }
    if hit.says("exceedstheexpandable-segmentreserve") {
        incident.flags.insert(Flag::ExpandableReserve);
    }
    incident.accelerator = wording::accelerator(hit);
    if incident.accelerator == Accelerator::Rocm {
        told::setting(hit, incident, (SettingKind::Rocm, "HIP"), "");
    }
    incident.device = wording::device(hit);
    wording::versions(hit, incident);
    wording::platform(incident);
    listed::processes(hit, incident);
    cut_short::figures(hit, incident);
}

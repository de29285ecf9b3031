//! The figures of `PyTorch`'s message without its beginning: pasted from the middle, or put behind words of somebody else.

use super::{Compiled, Example, Format, Hit, Role, capture, pytorch_cuda, tail};
use crate::evidence::{FactSource, Framework, Key, Memory};

pub(super) static FORMAT: Format = Format {
    id: "pytorch-cuda-part",
    printed_by: "c10/cuda/CUDACachingAllocator.cpp, without \"CUDA out of memory.\"",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &[
        "Tried to allocate",
        "has a total capac",
        "GiB total capacity;",
        "already allocated;",
    ],
    head: r"Triedtoallocate\d[\d.]*(?:[KMGT]iB|bytes)\.?\(?GPU\d{1,3}(?:;|hasatotalcap)|\(GPU\d{1,3};[\d.]+[KMGT]iBtotalcapacity;|GPU\d{1,3}hasatotalcapaci?tyof[\d.]+[KMGT]iBofwhich",
    accepts: Some(accepts),
    reach: 6000,
    source: FactSource::Message,
    fields: pytorch_cuda::FIELDS,
    more: Some(pytorch_cuda::more),
    examples: &[
        Example {
            text: "Tried to allocate 226.00 MiB. GPU 0 has a total capacity of 15.70 GiB of which 110.38 MiB is free. Of the \
                   allocated memory 14.61 GiB is allocated by PyTorch, and 136.73 MiB is reserved by PyTorch but unallocated.",
            reads: &[(Key::Tried, "226.00 MiB"), (Key::Free, "110.38 MiB")],
        },
        Example {
            text: "failed: Tried to allocate 32.00 MiB (GPU 1; 7.80 GiB total capacity; 6.61 GiB already allocated; 21.00 MiB \
                   free; 6.76 GiB reserved in total by PyTorch)",
            reads: &[(Key::Tried, "32.00 MiB"), (Key::Reserved, "6.76 GiB")],
        },
        Example {
            text: "(GPU 0; 15.75 GiB total capacity; 79.11 MiB already allocated; 3.62 MiB free; 86.00 MiB reserved in total by \
                   PyTorch)",
            reads: &[(Key::Allocated, "79.11 MiB"), (Key::Free, "3.62 MiB")],
        },
        Example {
            text: "GPU 0 has a total capacity of 23.65 GiB of which 1.66 GiB is free. Process 4711 has 20.00 GiB memory in use. \
                   Including non-PyTorch memory, this process has 1.81 GiB memory in use.",
            reads: &[(Key::Total, "23.65 GiB"), (Key::ProcessInUse, "1.81 GiB")],
        },
    ],
    compiled: Compiled::new(),
};

/// The whole message, that of XPU devices too, or a longer part of it says the same and counts instead.
fn accepts(hit: &Hit<'_>) -> bool {
    let before = tail(hit.before, 60);
    capture(
        r"(?:outofmemory\.?|largerthan4GB!|Triedtoallocate\d[\d.]*(?:[KMGT]iB|bytes)\.?)$",
        before,
    )
    .is_none()
}

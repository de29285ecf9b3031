//! "CUDA out of memory. Tried to allocate …": the native caching allocator of PyTorch 1.0 to 2.15.

use super::{Compiled, Example, Field, Format, Role};
use crate::evidence::{Framework, Key, Memory};

pub(super) static FORMAT: Format = Format {
    id: "pytorch-cuda",
    printed_by: "c10/cuda/CUDACachingAllocator.cpp, PyTorch 1.0 to 2.15",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["CUDA out of memory", "Tried to allocate"],
    head: r"CUDAoutofmemory\.Triedtoallocate",
    fields: &[Field {
        key: Key::Tried,
        pattern: r"Triedtoallocate{size}",
    }],
    more: None,
    examples: &[Example {
        text: "CUDA out of memory. Tried to allocate 2.00 GiB.",
        reads: &[(Key::Tried, "2.00 GiB")],
    }],
    compiled: Compiled::new(),
};

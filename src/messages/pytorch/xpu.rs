//! "XPU out of memory": PyTorch's caching allocator for Intel GPUs, in the core since 2.3 and in Intel's extension before.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::parts::wording;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchXpu,
    printed_by: "c10/xpu/XPUCachingAllocator.cpp, PyTorch from 2.3; CachingDeviceAllocator.cpp of the extension before",
    framework: Program::Pytorch,
    signatures: &[
        "XPU out of memory",
        "larger than 4GB! Tried",
        "Allocation is out of device memory",
        "OUT_OF_DEVICE_MEMORY",
    ],
    // UR_RESULT_ERROR_OUT_OF_RESOURCES is left out: it is also a lost device or a kernel too large.
    head: r"Allocationisoutofdevicememoryoncurrentplatform|XPUoutofmemory\.?Triedtoallocate\d|CurrentplatformcanNOTallocatememoryblockwithsizelargerthan4GB!|(?:NativeAPIfailed|backendfailedwitherror)[!-~]{0,80}UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY",
    reach: 900,
    fields: &[
        Field(Key::Tried, r"Triedtoallocate{size}"),
        Field(Key::Total, r"{size}totalcapacity;"),
        Field(Key::Total, r"totalcapacityof{size}"),
        Field(Key::Free, r"ofwhich{size}isfree"),
        Field(Key::Limit, r"{size}allowed;"),
        Field(Key::Allocated, r"{size}alreadyallocated"),
        Field(Key::Allocated, r"memory{size}isallocatedbyPyTorch"),
        Field(Key::Reserved, r"{size}reservedintotalby"),
        Field(
            Key::ReservedUnallocated,
            r"and{size}isreservedbyPyTorchbutunallocated",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "torch.OutOfMemoryError: XPU out of memory. Tried to allocate 34.00 MiB. GPU 1 has a total capacity of \
                   11.93 GiB of which 30.20 MiB is free. 10.00 GiB allowed; Of the allocated memory 9.80 GiB is allocated \
                   by PyTorch, and 120.50 MiB is reserved by PyTorch but unallocated. Please use `empty_cache` to release \
                   all unoccupied cached memory.",
            &[
                (Key::Tried, "34.00 MiB"),
                (Key::Total, "11.93 GiB"),
                (Key::Free, "30.20 MiB"),
                (Key::Limit, "10.00 GiB"),
                (Key::Allocated, "9.80 GiB"),
                (Key::ReservedUnallocated, "120.50 MiB"),
            ],
        ),
        // Where the runtime cannot tell what is free.
        Example(
            "torch.OutOfMemoryError: XPU out of memory. Tried to allocate 8.00 GiB. GPU 0 has a total capacity of \
                   15.11 GiB. Of the allocated memory 7.40 GiB is allocated by PyTorch, and 96.00 MiB is reserved by \
                   PyTorch but unallocated.",
            &[
                (Key::Total, "15.11 GiB"),
                (Key::Allocated, "7.40 GiB"),
                (Key::ReservedUnallocated, "96.00 MiB"),
            ],
        ),
        Example(
            "RuntimeError: XPU out of memory. Tried to allocate 30.00 MiB (GPU  0; 15.91 GiB total capacity; 14.10 \
                   GiB already allocated; 14.62 GiB reserved in total by PyTorch)",
            &[
                (Key::Tried, "30.00 MiB"),
                (Key::Total, "15.91 GiB"),
                (Key::Allocated, "14.10 GiB"),
                (Key::Reserved, "14.62 GiB"),
            ],
        ),
        Example(
            "RuntimeError: Current platform can NOT allocate memory block with size larger than 4GB! Tried to \
                   allocate 4.06 GiB (GPU  0; 15.56 GiB total capacity; 3.21 GiB already allocated; 3.61 GiB reserved in \
                   total by PyTorch)",
            &[(Key::Tried, "4.06 GiB"), (Key::Reserved, "3.61 GiB")],
        ),
    ],
    texts: &[
        "RuntimeError: level_zero backend failed with error: 39 (UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)",
        // Intel's extension (csrc/gpu/runtime/CachingDeviceAllocator.cpp).
        "RuntimeError: Allocation is out of device memory on current platform.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Xpu;
    incident.device = wording::device(hit);
    // SYCL's words, whoever calls it: llama.cpp's back end names its own file below them.
    if hit.says("ggml-sycl") {
        ggml::program(hit, incident);
        incident.flags.insert(Flag::AtWork);
    }
    if hit.says("largerthan4GB!") {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Program;
    use crate::messages::examples::one;

    #[test]
    fn sycl_below_llama_cpp_is_llama_cpps() {
        let text = "level_zero backend failed with error: 39 (UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)\nException caught at \
            file:/build/ggml/src/ggml-sycl/ggml-sycl.cpp, line:403, func:operator()";
        assert_eq!(one(text).incident.framework, Program::LlamaCpp);
        let bare = text.lines().next().unwrap();
        assert_eq!(one(bare).incident.framework, Program::Pytorch);
    }
}

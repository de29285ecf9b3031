//! "allocating … MiB on device 0: cudaMalloc failed: out of memory": a buffer of llama.cpp and all that is built on `ggml`.

use crate::evidence::{Accelerator, Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Example, Field, Match, Message, holds};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::GgmlBuffer,
    printed_by: "ggml-org/ggml: ggml-cuda.cu, ggml-vulkan.cpp, ggml-sycl.cpp, ggml-metal-device.m, ggml-alloc.c; llama.cpp: \
                 src/llama-model.cpp, llama-context.cpp, llama-kv-cache.cpp; 2023 to 2026",
    framework: Program::LlamaCpp,
    signatures: &[
        "Malloc failed: out of memory",
        "Device memory allocation of size",
        "Bytes of memory on device",
        "failed to allocate",
        "unable to allocate",
    ],
    head: r#"allocating\d[\d.,]*MiBondevice\d{1,3}:(?:cuda|hip|musa)Mallocfailed:outofmemory|ggml_vulkan:Devicememoryallocationofsize\d+failed|can'tallocate\d+Bytesofmemoryondevice|error:failedtoallocatebuffer,size=\d[\d.]*MiB|:failedtoallocate(?:[A-Za-z0-9_]{1,30})?bufferofsize\d+|errorloadingmodel:unabletoallocate[A-Za-z0-9_]{1,30}buffer|:failedtoallocate(?:compute(?:pp|tg)?buffers|bufferfor(?:kv|rs)cache|thecomputebuffer|memoryforthekvcache)|GGML_ASSERT[:(][!-~]{1,200}?&&"failedtoallocate"#,
    accepts: Some(accepts),
    reach: 1500,
    fields: &[
        // The next line begins with digits where its time could not be told from text (common/log.cpp): "0.02.195.376 E ".
        Field(
            Key::Tried,
            r"^allocating\d[\d.,]*MiBondevice\d+:[a-z]+Mallocfailed:outofmemory[!-~]{0,60}failedtoallocate[A-Za-z0-9_]{1,30}bufferofsize{bytes}\d\.\d\d\.\d{3}\.\d{3}[IWED]",
        ),
        Field(
            Key::Tried,
            r"^:failedtoallocate[A-Za-z0-9_]{0,30}bufferofsize{bytes}\d\.\d\d\.\d{3}\.\d{3}[IWED]",
        ),
        // The allocator above names the very number that the driver's line rounds to hundredths of MiB.
        Field(
            Key::Tried,
            r"^allocating\d[\d.,]*MiBondevice\d+:[a-z]+Mallocfailed:outofmemory[!-~]{0,60}failedtoallocate[A-Za-z0-9_]{1,30}bufferofsize{bytes}",
        ),
        Field(Key::Tried, r"^allocating{size}ondevice"),
        Field(
            Key::Tried,
            r"^ggml_vulkan:Devicememoryallocationofsize{bytes}",
        ),
        Field(Key::Tried, r"^can'tallocate{bytes}Bytes"),
        Field(Key::Tried, r"^error:failedtoallocatebuffer,size={size}"),
        Field(
            Key::Tried,
            r"^:failedtoallocate[A-Za-z0-9_]{0,30}bufferofsize{bytes}",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 12288.00 MiB on device 1: cudaMalloc failed: out of \
                   memory\nalloc_tensor_range: failed to allocate CUDA1 buffer of size 12884901888\nllama_init_from_model: \
                   failed to initialize the context: failed to allocate buffer for kv cache",
            &[(Key::Tried, "12884901888")],
        ),
        Example(
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 5731.50 MiB on device 0: cudaMalloc failed: out of \
                   memory",
            &[(Key::Tried, "5731.50 MiB")],
        ),
        Example(
            "0.02.417.003 E ggml_vulkan: Device memory allocation of size 2684354560 failed.\n0.02.417.020 E ggml_vulkan: \
                   vk::Device::allocateMemory: ErrorOutOfDeviceMemory\n0.02.417.031 E ggml_gallocr_reserve_n_impl: failed to \
                   allocate Vulkan0 buffer of size 2684354560",
            &[(Key::Tried, "2684354560")],
        ),
        Example(
            "ggml_metal_buffer_init: error: failed to allocate buffer, size =  8448.03 MiB\nggml_gallocr_reserve_n_impl: \
                   failed to allocate MTL0 buffer of size 8858402816",
            &[(Key::Tried, "8448.03 MiB")],
        ),
        Example(
            "ggml_backend_sycl_buffer_type_alloc_buffer: can't allocate 6442450944 Bytes of memory on device\n\
                   alloc_tensor_range: failed to allocate SYCL0 buffer of size 6442450944",
            &[(Key::Tried, "6442450944")],
        ),
        Example(
            "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 25769803776\n\
                   alloc_tensor_range: failed to allocate CPU buffer of size 25769803776\nllama_model_load: error loading \
                   model: unable to allocate CPU buffer",
            &[(Key::Tried, "25769803776")],
        ),
    ],
    texts: &[
        "llama_model_load: error loading model: unable to allocate ROCm0 buffer",
        "llama_new_context_with_model: failed to allocate compute buffers",
        // ggml-backend.c, in 2024.
        "GGML_ASSERT: /src/ggml-backend.c:450: data != NULL && \"failed to allocate buffer\"",
    ],
    ..Message::EMPTY
};

/// Each back end's own line comes first; what the callers say below it follows from it, and may be all that was copied.
fn accepts(hit: &Match<'_>) -> bool {
    const ROOTS: [&str; 4] = [
        "Mallocfailed:",
        "ggml_vulkan:",
        "Bytesofmemoryondevice",
        "failedtoallocatebuffer,size=",
    ];
    const CALLERS: [&str; 4] = [
        "bufferofsize",
        "unabletoallocate",
        "failedtoallocatecompute",
        "CUDAerror:",
    ];
    let text = hit.text.to_ascii_lowercase();
    let caller = text.starts_with(':') || text.starts_with("errorloading");
    let of_ggml = !text.starts_with(':') || named(hit);
    let said = ggml::follows(hit, &ROOTS) || ggml::follows(hit, &CALLERS);
    let repeats = caller && said;
    of_ggml && !repeats && !lost(hit) && !ggml::tried_again(hit)
}

/// True where a function of `ggml` or of its programs stands before the words, or a part of stable-diffusion.cpp.
fn named(hit: &Match<'_>) -> bool {
    const NAMES: &str = r"(?:alloc_tensor_range|(?:ggml|llama|whisper|clip|graph|sched)_[a-z_0-9]{3,60}|thecontext|\.[hc]pp:\d+-[a-z_0-9.]{2,40})$";
    crate::messages::capture(NAMES, crate::messages::tail(hit.before, 80)).is_some()
}

/// A device that is gone says so where memory would be named.
fn lost(hit: &Match<'_>) -> bool {
    hit.capture(r"^ggml_vulkan:Device[!-~]{0,160}ErrorDeviceLost")
        .is_some()
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const ON_A_GPU: [&str; 5] = [
        "CUDAbackend",
        "Metalbackend",
        "Vulkan",
        "ggml_cuda",
        "usingdevice",
    ];
    ggml::program(hit, incident);
    ggml::part(hit, incident);
    // The assertion is that of the back end for the CPU (ggml-backend.c, ggml_backend_cpu_buffer_type_alloc_buffer).
    if hit.folded.starts_with("ggml_assert")
        && !ON_A_GPU.iter().any(|words| holds(hit.before, words))
    {
        incident.memory = Memory::Host;
        return;
    }
    if !ggml::place_below(hit, incident)
        && hit
            .before
            .to_ascii_lowercase()
            .ends_with("ggml_backend_cpu_buffer_type_alloc_buffer")
    {
        incident.memory = Memory::Host;
    }
    if hit.folded.starts_with("ggml_vulkan:") {
        incident.accelerator = Accelerator::Unnamed;
    }
    if let Some(index) = hit.number(r"^allocating\d[\d.,]*MiBondevice(\d{1,3})") {
        incident.device = Some(index);
    }
    // "Requested buffer size exceeds device buffer size limit", before June 2025 "memory allocation limit", is thrown as the same
    // exception as a full device.
    if hit
        .capture(
            r"^ggml_vulkan:Device[!-~]{0,160}exceedsdevice(?:buffersize|memoryallocation)limit",
        )
        .is_some()
    {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
}

//! What programs of all kinds print around a call of CUDA or HIP that returned "out of memory".

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaCall,
    printed_by: "NVIDIA/cuda-samples: Common/helper_cuda.h; Thrust: system/cuda/error.h; PyCUDA: src/cpp/cuda.hpp; OpenCV: \
                 modules/core (Gpu API call); FFmpeg: libavutil/cuda_check.h; the macro gpuErrchk",
    framework: Program::Cuda,
    signatures: &[
        "MemoryAllocation",
        ": out of memory",
        "CUDA_ERROR_OUT_OF_MEMORY",
        "API call) out of memory",
        "CUresult error",
        "torch_memory_saver.cpp",
        "CUDA::error",
    ],
    head: r"cudaErrorMemoryAllocation\)?:outofmemory|CUDAerrorat[!-~]{1,200}?code=2\(cudaErrorMemoryAllocation\)|cu(?:Mem|Ctx|Module|Array|Stream|Event|Launch)[A-Za-z0-9_]{0,40}failed:(?:outofmemory|CUDA_ERROR_OUT_OF_MEMORY)|CUDAError:outofmemoryat[!-~]{1,120}?\.(?:cpp|cuh?|cc|hpp|h):\d+|cu[A-Za-z0-9_]{3,40}\([!-~]{0,200}?\)failed->CUDA_ERROR_OUT_OF_MEMORY(?::outofmemory)?|\(-217:GpuAPIcall\)outofmemory|GPUassert:outofmemory|(?:cuda|hip|musa)Malloc[A-Za-z]{0,20}failed:outofmemory|cudaError_t\.cudaErrorMemoryAllocation|CUresulterrorresult=2file=[!-~]{1,80}?func=|thrust::[A-Za-z0-9_:]{0,40}system_error'what\(\):[a-z0-9_:.]{3,80}:outofmemory|'CUDA::error'what\(\):[!-~]{1,240}?error:outofmemory",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "terminate called after throwing an instance of 'thrust::system::detail::bad_alloc'\n  what():  \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory",
        "CUDA error at reduce.cu:57 code=2(cudaErrorMemoryAllocation) \"cudaMalloc((void **)&d_in, bytes)\"",
        "pycuda._driver.MemoryError: cuMemAlloc failed: out of memory",
        "cv2.error: OpenCV(4.8.0) modules/core/src/cuda/gpu_mat.cu:116: error: (-217:Gpu API call) out of memory in \
                   function 'allocate'",
        "[hevc @ 0x55d0] cuCtxCreate(&ctx->cuda_ctx, 0, device) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        "Error: CUDA: cuMemAlloc failed: CUDA_ERROR_OUT_OF_MEMORY",
        "wake_up failed: CUDA Error: out of memory at /src/csrc/cumem_allocator.cpp:163",
        // torch_memory_saver (csrc/macro.h), below SGLang and trainers that pause it.
        "[torch_memory_saver.cpp] CUresult error  result=2 file=csrc/torch_memory_saver.cpp func=cu_mem_create line=97",
        // mallocMC and cupla, below PIConGPU (cuda_to_cupla/driver_types, nvidia/error).
        "terminate called after throwing an instance of 'CUDA::error'\n  what():  \
                   /src/mallocMC/reservePoolPolicies/SimpleCudaMalloc_impl.hpp(40):\nerror: out of memory",
        // Thrust's names of errors are missing before CUDA 10 (thrust/system/cuda/error.inl).
        "terminate called after throwing an instance of 'thrust::system::system_error'\n  what():  reduce_by_key failed to \
                   synchronize: out of memory",
        "GPUassert: out of memory main.cu 42",
        "cudaMalloc failed: out of memory",
        "solver: error in alloc.hip:31: hipMalloc failed: out of memory",
        "RuntimeError: cudaError_t.cudaErrorMemoryAllocation: 2",
    ],
    silent: &[
        // Other statuses are no lack of memory.
        "CUDA error at reduce.cu:57 code=700(cudaErrorIllegalAddress) \"cudaDeviceSynchronize()\"",
        "GPUassert: an illegal memory access was encountered main.cu 42",
    ],
    ..Message::EMPTY
};

/// `XGBoost` puts it behind its own words, which carry the figures. A call's name is spoken of, too: there it stands in a
/// sentence, and not behind a colon or at the start of its line.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    // Alone on its line it is the runtime's own word, which has a message of its own.
    if hit.folded.starts_with("cudaerror:outofmemoryat") && before.is_empty() {
        return false;
    }
    // Ollama warns so and starts again without what did not fit.
    if before.contains("retryingwith") {
        return false;
    }
    // ggml tells of each attempt so, and goes on where another one fits.
    if before.contains("ggml") || before.contains("allocating") {
        return hit.folded.starts_with("cu") && !hit.folded.starts_with("cudamalloc");
    }
    let behind = before.is_empty()
        || before.ends_with([':', ']', ')', '>', '|', '-', '<', '(', '['])
        || before.ends_with("ERROR")
        || before.ends_with(":\"")
        || before.ends_with("what():");
    let plain = ["cudamalloc", "hipmalloc", "musamalloc"]
        .iter()
        .any(|name| hit.folded.starts_with(name));
    let enumerated = hit.folded.starts_with("cudaerror_t.");
    let goes_on = hit
        .line_after()
        .starts_with(|c: char| c == ',' || c == '?' || c.is_ascii_alphabetic());
    if (plain || enumerated) && (!behind || goes_on) {
        return false;
    }
    !crate::messages::holds(tail(hit.before, 80), "Memoryallocationerroronworker")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const HOST: &str = r"^[!-~]{0,300}?(?:cuMemHostAlloc|cuMemAllocHost|cudaMallocHost|cudaHostAlloc|cudaHostRegister|cuMemHostRegister)";
    if hit.folded.starts_with("(-217:") {
        incident.framework = Program::Opencv;
    } else if crate::messages::holds(tail(hit.line_before(), 60), "_nvenc@")
        || crate::messages::holds(tail(hit.line_before(), 60), "_cuvid@")
    {
        incident.framework = Program::Ffmpeg;
    } else if tail(hit.before, 40).ends_with("pycuda._driver.MemoryError:") {
        incident.framework = Program::Pycuda;
    }
    if awakes(hit) {
        incident.flags.insert(Flag::Awakes);
    }
    // vllm-project/vllm, csrc/cumem_allocator.cpp: the pool of an engine that can sleep.
    if crate::messages::holds(hit.text, "cumem_allocator.cpp") {
        incident.flags.insert(Flag::EnginePool);
    }
    let own = crate::messages::start(hit.text, hit.head + 80);
    if crate::messages::capture(HOST, own).is_some() {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}

/// True where an engine's allocator maps again what it gave back while it slept: vLLM's `wake_up` (`vllm/device_allocator/cumem.py`),
/// `torch_memory_saver`'s `resume` below `SGLang`.
fn awakes(hit: &Match<'_>) -> bool {
    const ALLOCATORS: [&str; 2] = ["cumem_allocator.cpp", "torch_memory_saver.cpp"];
    const WAKES: [&str; 4] = [
        "wake_up",
        "resume_memory_occupation",
        "memory_saver_adapter.resume",
        "torch_memory_saver.resume",
    ];
    let near = tail(hit.before, 1500);
    let holds = crate::messages::holds;
    ALLOCATORS
        .iter()
        .any(|name| holds(hit.text, name) || holds(tail(near, 80), name))
        && WAKES.iter().any(|name| holds(near, name))
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn a_call_for_page_locked_memory_is_the_hosts() {
        let text = "CUDA error at copy.cu:9 code=2(cudaErrorMemoryAllocation) \"cudaMallocHost((void **)&h, bytes)\"";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = "pycuda._driver.MemoryError: cuMemHostAlloc failed: out of memory";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }
}

//! What programs of all kinds print around a call of CUDA or HIP that returned "out of memory".

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaCall,
    printed_by: "NVIDIA/cuda-samples: Common/helper_cuda.h; Thrust: system/cuda/error.h; PyCUDA: src/cpp/cuda.hpp; OpenCV: \
                 modules/core (Gpu API call); FFmpeg: libavutil/cuda_check.h; the macro gpuErrchk",
    framework: Program::Cuda,
    signatures: &[
        "MemoryAllocation",
        "failed: out of memory",
        "failed -> CUDA_ERROR_OUT_OF_MEMORY",
        "API call) out of memory",
        "assert: out of memory",
    ],
    head: r"cudaErrorMemoryAllocation:outofmemory|CUDAerrorat[!-~]{1,200}?code=2\(cudaErrorMemoryAllocation\)|cu(?:Mem|Ctx|Module|Array|Stream|Event|Launch)[A-Za-z0-9_]{0,40}failed:outofmemory|cu[A-Za-z0-9_]{3,40}\([!-~]{0,200}?\)failed->CUDA_ERROR_OUT_OF_MEMORY(?::outofmemory)?|\(-217:GpuAPIcall\)outofmemory|GPUassert:outofmemory",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "terminate called after throwing an instance of 'thrust::system::detail::bad_alloc'\n  what():  \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory",
            &[],
        ),
        Example(
            "CUDA error at reduce.cu:57 code=2(cudaErrorMemoryAllocation) \"cudaMalloc((void **)&d_in, bytes)\"",
            &[],
        ),
        Example(
            "pycuda._driver.MemoryError: cuMemAlloc failed: out of memory",
            &[],
        ),
        Example(
            "cv2.error: OpenCV(4.8.0) modules/core/src/cuda/gpu_mat.cu:116: error: (-217:Gpu API call) out of memory in \
                   function 'allocate'",
            &[],
        ),
        Example(
            "[hevc @ 0x55d0] cuCtxCreate(&ctx->cuda_ctx, 0, device) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory",
            &[],
        ),
        Example("GPUassert: out of memory main.cu 42", &[]),
    ],
    ..Message::EMPTY
};

/// `XGBoost` puts it behind its own words, which carry the figures.
fn accepts(hit: &Match<'_>) -> bool {
    !crate::messages::holds(
        crate::messages::tail(hit.before, 80),
        "Memoryallocationerroronworker",
    )
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const HOST: &str = r"^[!-~]{0,300}?(?:cuMemHostAlloc|cuMemAllocHost|cudaMallocHost|cudaHostAlloc|cudaHostRegister|cuMemHostRegister)";
    let own = crate::messages::start(hit.text, hit.head + 80);
    if crate::messages::capture(HOST, own).is_some() {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::{failures, one};

    #[test]
    fn a_call_for_page_locked_memory_is_the_hosts() {
        let text = "CUDA error at copy.cu:9 code=2(cudaErrorMemoryAllocation) \"cudaMallocHost((void **)&h, bytes)\"";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = "pycuda._driver.MemoryError: cuMemHostAlloc failed: out of memory";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }

    #[test]
    fn other_statuses_and_the_limit_on_encoders_are_no_lack_of_memory() {
        for text in [
            "CUDA error at reduce.cu:57 code=700(cudaErrorIllegalAddress) \"cudaDeviceSynchronize()\"",
            "[h264_nvenc @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10): (no details)",
            "GPUassert: an illegal memory access was encountered main.cu 42",
        ] {
            assert!(failures(text).is_empty(), "{text}");
        }
    }
}

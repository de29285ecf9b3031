//! "CUDA error: out of memory": the runtime or the driver refused memory to something other than a caching allocator:
//! a context, a module, an event, page-locked host memory. It holds no figures.

use crate::evidence::{Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, holds, is_in, pinned, standing, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaError,
    printed_by: "c10/cuda/CUDAException.cpp, c10/cuda/driver_api.h and other programs, after cudaErrorMemoryAllocation (2)",
    framework: Program::Cuda,
    signatures: &["error: out of memory", "CUDA_ERROR_OUT_OF_MEMORY"],
    head: r"(?:CUDA|HIP|CUDAdriver)error:outofmemory|CUDA_ERROR_OUT_OF_MEMORY",
    accepts: Some(accepts),
    reach: 2500,
    more: Some(more),
    texts: &[
        "RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other \
                   API call,so the stacktrace below might be incorrect.\nFor debugging consider passing \
                   CUDA_LAUNCH_BLOCKING=1.",
        "torch.AcceleratorError: CUDA error: out of memory\nSearch for `cudaErrorMemoryAllocation' in \
                   https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html for more information.",
        "RuntimeError: HIP error: out of memory\nHIP kernel errors might be asynchronously reported at some other \
                   API call, so the stacktrace below might be incorrect.",
        "RuntimeError: CUDA driver error: out of memory",
        "numba.cuda.cudadrv.driver.CudaAPIError: [2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY",
        "numba.cuda.cudadrv.driver.CudaAPIError: [<CUresult.CUDA_ERROR_OUT_OF_MEMORY: 2>] Call to cuMemAlloc results in \
                   CUDA_ERROR_OUT_OF_MEMORY",
        "RuntimeError: CUresult.CUDA_ERROR_OUT_OF_MEMORY",
    ],
    silent: &[
        // A question about the error is no failure.
        "What does CUDA error: out of memory mean?",
        "I keep seeing CUDA error: out of memory when I resume.",
        "if \"CUDA error: out of memory\" in str(e):",
        "How to fix RuntimeError: CUDA error: out of memory in Colab?",
        "[0] Failed to allocate device memory of 28.41GiB (30509367296 bytes): RESOURCE_EXHAUSTED: : CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        "failed to allocate 3.00G (3221225472 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    ],
    ..Message::EMPTY
};

/// TensorFlow and XLA log every step of a search for a size that fits ("from device: …", "Failed to allocate device memory of
/// …"), and go on.
fn accepts(hit: &Match<'_>) -> bool {
    // Behind the class of an exception: "Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY".
    const CALL: &str = r"(?:(?:Error|Exception):<?CUresult\.$|(?:Error:(?:\[(?:2|<?CUresult\.CUDA_ERROR_OUT_OF_MEMORY(?::2>)?)\])?(?:Callto)?|GpuArrayException:(?:b')?)cu[A-Za-z]{1,40}(?:resultsin|failedwith|returned|failed:|:)(?:error)?$)";
    let before = tail(hit.before, 160);
    // The name in a list of codes is told with its number: "CUDA_ERROR_OUT_OF_MEMORY = 2".
    // Numba shows the code as a name, and tells of the call behind it.
    let behind = hit.text.get(hit.head..).unwrap_or_default();
    if holds(crate::messages::start(behind, 12), ":2>]Callto") {
        return false;
    }
    let asks_on = holds(before, "Failedtoallocatedevicememoryof");
    if asks_on || holds(tail(before, 11), "fromdevice:") || hit.line_after().starts_with("=2") {
        return false;
    }
    standing::reported(hit) || standing::opens_line(hit) || is_in(CALL, before)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let mut since = |version: &str| {
        told::setting(
            hit,
            incident,
            (SettingKind::TorchAtLeast, "wording"),
            version,
        );
    };
    let torch_class = tail(hit.before, 25).to_ascii_lowercase();
    if hit.says("Searchfor`cudaErrorMemoryAllocation'") {
        since("2.9");
    } else if torch_class.ends_with("torch.acceleratorerror:") {
        since("2.8");
    }
    let from_torch = [
        "CUDA_LAUNCH_BLOCKING",
        "AMD_SERIALIZE_KERNEL",
        "kernelerrorsmightbeasynchronouslyreported",
        "cudaErrorMemoryAllocation'",
    ];
    if torch_class.ends_with("torch.acceleratorerror:")
        || torch_class.ends_with("runtimeerror:")
        || from_torch.iter().any(|words| hit.says(words))
    {
        incident.framework = Program::Pytorch;
    }
    // CUDAdrv.jl before CUDA.jl 1.0 wrote "code #2".
    if hit.says("outofmemory(code2,ERROR_OUT_OF_MEMORY)")
        || hit.says("outofmemory(code#2,ERROR_OUT_OF_MEMORY)")
    {
        incident.framework = Program::Julia;
    }
    if holds(tail(hit.before, 120), "numba.cuda.cudadrv") {
        incident.framework = Program::Numba;
    }
    pinned::tell_apart(hit, incident);
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory, MessageId, Program};
    use crate::messages::examples::{failures, one};

    #[test]
    fn a_refusal_to_page_lock_is_the_hosts_memory() {
        let text = "Traceback (most recent call last):\n  File \"a.py\", line 6, in <module>\n    \
                    b = torch.empty(1 << 40, pin_memory=True)\nRuntimeError: CUDA error: out of memory";
        let incident = one(text).incident;
        assert_eq!(incident.memory, Memory::Host);
        assert!(incident.flagged(Flag::Pinned));
    }

    #[test]
    fn a_loader_made_with_pinning_long_before_is_no_refusal_to_page_lock() {
        let text = "UserWarning: 'pin_memory' argument is set as true\nTraceback (most recent call last):\n  File \"a.py\", \
                    line 6, in <module>\n    model.cuda()\nRuntimeError: CUDA error: out of memory";
        assert_eq!(one(text).incident.memory, Memory::Device);
    }

    #[test]
    fn a_list_of_codes_reports_nothing() {
        let list = "    CUDA_ERROR_INVALID_VALUE = 1\n    CUDA_ERROR_OUT_OF_MEMORY = 2\n    CUDA_ERROR_NOT_INITIALIZED = 3";
        assert!(failures(list).is_empty());
    }

    #[test]
    fn who_says_it_is_told_by_what_stands_around_it() {
        let numba = "numba.cuda.cudadrv.driver.CudaAPIError: [CUresult.CUDA_ERROR_OUT_OF_MEMORY] Call to cuMemAlloc results in \
                     CUDA_ERROR_OUT_OF_MEMORY";
        assert_eq!(one(numba).incident.framework, Program::Numba);
        let julia = "ERROR: CUDA error: out of memory (code 2, ERROR_OUT_OF_MEMORY)";
        assert_eq!(one(julia).incident.framework, Program::Julia);
        let theano = "pygpu.gpuarray.GpuArrayException: b'cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: out of memory'";
        assert_eq!(one(theano).incident.format, MessageId::CudaError);
    }
}

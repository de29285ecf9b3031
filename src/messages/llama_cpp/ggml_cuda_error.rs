//! "CUDA error: out of memory … current device: 0, in function …": `ggml` at work, where a pool or a library wanted more.

use crate::evidence::{Fact, FactSource, Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::GgmlCudaError,
    printed_by: "ggml-org/ggml: ggml-cuda.cu (ggml_cuda_error), from 2024; before: its macro CUDA_CHECK, 2023",
    framework: Program::LlamaCpp,
    signatures: &[
        "error: out of memory",
        ", in function ",
        "error: the resource allocation failed",
        "CUDA error 2 at ",
    ],
    head: r"(?:CUDA|ROCm|HIP|MUSA)error:(?:outofmemory|theresourceallocationfailed)[!-~]{0,60}?currentdevice:-?\d+,infunction|(?:CUDA|HIP|ROCm)error2at[!-~]{1,160}?:\d+:outofmemory",
    reach: 600,
    more: Some(more),
    texts: &[
        "CUDA error: out of memory\n  current device: 1, in function alloc at /build/ggml/src/ggml-cuda/ggml-cuda.cu:501\n  \
                   cuMemCreate(&handle, reserve_size, &prop, 0)\n/build/ggml/src/ggml-cuda/ggml-cuda.cu:106: CUDA error",
        "ROCm error: out of memory\n  current device: 0, in function ggml_cuda_compute_forward at ggml-cuda.cu:2402\n  err",
        "CUDA error: the resource allocation failed\n  current device: 0, in function cublas_handle at \
                   ggml-cuda/common.cuh:1021\n  cublasCreate_v2(&cublas_handles[device])",
        "CUDA error 2 at ggml-cuda.cu:6301: out of memory\ncurrent device: 0",
    ],
    silent: &[
        // Other errors of the runtime are none.
        "CUDA error: an illegal memory access was encountered\n  current device: 0, in function f at ggml-cuda.cu:77",
        "CUDA error 700 at ggml-cuda.cu:6301: an illegal memory access was encountered\ncurrent device: 0",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    ggml::program(hit, incident);
    incident.device = hit.number(r"currentdevice:(\d{1,3})");
    let pinned = ["cudaMallocHost(", "cudaHostAlloc(", "cudaHostRegister("];
    if pinned.iter().any(|call| hit.says(call)) {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
        return;
    }
    // The pool reserves addresses before it takes memory: that can fail on an empty device.
    if hit.says("cuMemAddressReserve(") {
        incident.flags.insert(Flag::Ambiguous);
        return;
    }
    incident.flags.insert(Flag::AtWork);
    // ggml-cuda.cu, 2026: the pool says how much was refused, gives back what it kept, and asks again.
    let asked = r"pool\[\d+\]:allocof([0-9.]+)MiBfailed,flushing[0-9.]+MiBofcachedbuffersandretrying[!-~]{0,60}$";
    if let Some(number) = capture(asked, tail(hit.before, 400))
        && let Some(bytes) = crate::bytes::parse(&number, "MiB")
    {
        let fact = Fact {
            bytes,
            text: format!("{number} MiB"),
            line: (hit.line_number)(0).saturating_sub(1),
            source: FactSource::Message,
        };
        incident.facts.insert(Key::Tried, fact);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory, Program};
    use crate::messages::examples::one;

    #[test]
    fn the_call_tells_what_was_asked_for() {
        let text = |call: &str| {
            format!(
                "CUDA error: out of memory\n  current device: 3, in function f at ggml-cuda.cu:77\n  {call}"
            )
        };
        let work = one(&text("cuMemCreate(&handle, reserve_size, &prop, 0)")).incident;
        assert_eq!((work.device, work.framework), (Some(3), Program::LlamaCpp));
        assert!(work.flagged(Flag::AtWork));
        let host = one(&text("cudaMallocHost((void **) &ptr, size)")).incident;
        assert_eq!(host.memory, Memory::Host);
        let reserve = one(&text(
            "cuMemAddressReserve(&pool_addr, CUDA_POOL_VMM_MAX_SIZE, 0, 0, 0)",
        ));
        assert!(reserve.incident.flagged(Flag::Ambiguous));
    }
}

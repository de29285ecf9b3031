//! "CUDA runtime error in `::cudaMallocAsync(…)`: out of memory": the runtime of TensorRT-LLM.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, holds, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorrtLlm,
    printed_by: "cpp/include/tensorrt_llm/common/cudaUtils.h (check), TensorRT-LLM from 0.5",
    framework: Program::TensorrtLlm,
    signatures: &[
        "CUDA runtime error in ::cudaM",
        "CUDA runtime error in cudaM",
        "CUDA runtime error in ::cuda",
        "[TensorRT-LLM][ERROR] CUDA",
    ],
    head: r"CUDAruntimeerrorin[!-~]{4,200}?:outofmemory\(",
    reach: 400,
    more: Some(more),
    texts: &[
        "[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n, mCudaStream->get()): out of memory \
                   (/src/tensorrt_llm/cpp/tensorrt_llm/runtime/tllmBuffers.h:125)",
        "RuntimeError: [TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMalloc(ptr, n): out of memory \
                   (/app/tensorrt_llm/cpp/tensorrt_llm/runtime/tllmBuffers.h:89)",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let call = start(hit.text, 80);
    if ["cudaHostAlloc", "cudaMallocHost"]
        .iter()
        .any(|name| holds(call, name))
    {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn page_locked_memory_is_the_hosts() {
        let text = "[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaHostAlloc(ptr, n, cudaHostAllocDefault): out of memory \
                    (/src/tllmBuffers.h:150)";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }
}

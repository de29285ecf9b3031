//! "CUDA failure 2: out of memory ; GPU=0 ; hostname=… ; expr=…": a call of ONNX Runtime's that the driver refused.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OnnxruntimeCuda,
    printed_by: "onnxruntime/core/providers/cuda/cuda_call.cc, rocm/rocm_call.cc; file and line from 1.15",
    framework: Program::Onnxruntime,
    signatures: &[
        "failure 2: out of memory ;",
        "STATUS_ALLOC_FAILED ; GPU=",
        "out of memory ; GPU=",
    ],
    head: r"(?:CUDA|HIP)failure2:outofmemory;GPU=-?\d|(?:CUBLAS|CUDNN|CUFFT|HIPBLAS|ROCBLAS|MIOPEN)failure\d+:[A-Z_]{3,30}_ALLOC_FAILED;GPU=-?\d",
    accepts: Some(accepts),
    reach: 700,
    more: Some(more),
    texts: &[
        "onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory ; \
                   GPU=0 ; hostname=node7 ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; \
                   line=282 ; expr=cudaMalloc((void**)&p, size);",
        "[E:onnxruntime:Default, cuda_call.cc:116 CudaCall] CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=1 ; \
                   hostname=node7 ; expr=cublasCreate(&cublas_handle_);",
    ],
    ..Message::EMPTY
};

/// CNTK, from which the macro comes, prints the same without the place.
fn accepts(hit: &Match<'_>) -> bool {
    let place = hit
        .capture(r"^[!-~]{0,140};hostname=[!-~]{0,80};file=")
        .is_some();
    place
        || holds(tail(hit.before, 300), "onnxruntime")
        || holds(start(hit.text, 500), "onnxruntime")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"^[!-~]{0,60};GPU=(\d{1,3})");
    let call = hit.capture(r"^[!-~]{0,500};expr=(cuda(?:HostAlloc|MallocHost)|hipHostMalloc)");
    if call.is_some() {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
    let library = hit.capture(r"^(?:CUBLAS|CUDNN|CUFFT|HIPBLAS|ROCBLAS|MIOPEN)failure");
    let handle = hit.capture(
        r"^[!-~]{0,500};expr=(?:cublas|cudnn|cufft|rocblas|hipblas|miopen)[A-Za-z]{0,6}Create",
    );
    if library.or(handle).is_some() {
        incident.flags.insert(Flag::Library);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    fn refused(call: &str) -> Incident {
        let text = format!(
            "CUDA failure 2: out of memory ; GPU=2 ; hostname=n ; file=a.cc ; line=1 ; expr={call};"
        );
        one(&text).incident
    }

    #[test]
    fn the_call_tells_whose_memory_it_was() {
        assert_eq!(
            refused("cudaHostAlloc((void**)&p, size, 0)").memory,
            Memory::Host
        );
        assert_eq!(
            refused("cudaMalloc((void**)&p, size)").memory,
            Memory::Device
        );
        assert!(refused("cudnnCreate(&cudnn_handle_)").flagged(Flag::Library));
        assert_eq!(refused("cudaMalloc(&p, size)").device, Some(2));
    }
}
